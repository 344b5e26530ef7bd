/*
 * The Erlang runtime, part 2: its threads, and the owner of the port.
 *
 * A design has defined
 *     start(), output(), stop()            callbacks, in a scheduler that holds the port lock
 *     invoke(job)                          the function that runs on an async thread, without any lock
 *     ready_async(job)                     if HAS_READY_ASYNC is defined; with the port lock
 *     free_function(job)                   async_free
 *     LOST(job)                            records the leak of a job's data
 *     LEAKS                                records what is live at a legal end
 *     LOCALS                               variables of a thread that its functions need
 * and, if these are not the usual ones,
 *     NEXT_CALL, LAST_CALL                 what the owner does next, and last
 *     MAY_CALL, MAX_COMMANDS               when, and how many commands at most
 *     MORE_ENDED                           what else there is to a legal end
 *     control(), port_exit(killed)         see runtime_queue.pml
 */

/* ---- The owner: opens the port, up to two commands, closes, exits ---------------------------------- */

#define READY    0                      /* may make its next call, on any scheduler */
#define RUNNING  1                      /* a scheduler is in its call */
#define WAITING  2                      /* its call was queued; it waits for the answer */
#define GONE     3                      /* closing has removed the link, so its exit reaches nobody */

byte owner = READY;
bool opened;
byte commands;

#define NOTHING  0
#define OPEN     1
#define COMMAND  2
#define CLOSE    3
#define KILL     4                      /* exit(Port, kill): no answer comes, the owner goes on */
#define CONTROL  5

#if !defined(LAST_CALL)
#define LAST_CALL CLOSE
#endif

#if !defined(MAX_COMMANDS)
#define MAX_COMMANDS 2
#endif

#if !defined(MAY_CALL)
#define MAY_CALL true
#endif

#if !defined(MORE_ENDED)
#define MORE_ENDED true
#endif

#if !defined(NEXT_CALL)
#define NEXT_CALL                                                       \
    if                                                                  \
    :: !opened -> call = OPEN                                           \
    :: opened && commands < MAX_COMMANDS -> commands++; call = COMMAND  \
    :: opened -> call = LAST_CALL                                       \
    fi
#endif

/* Which call is there to be answered, and what the owner does when it is. */
#define ANSWERED(call)    (call != KILL && (call != COMMAND || SENDER_WAITS))

/* Tasks of the port, in the order of the signals.  erl_port_task.c:enqueue_port, select_task_for_exec,
 * R16B..25 */
#if defined(ASYNC_COMMAND)
#define SENDER_WAITS  false
#else
#define SENDER_WAITS  true              /* as port_close/1 does; erlang.erl:port_command/2, R16B..25 */
#endif

#if defined(SIGNALS)
chan tasks = [3] of { byte };
bool executing;                         /* one scheduler at a time executes tasks of one port */
#endif

byte active_threads;                    /* schedulers and async threads that have taken up work */

#if defined(HAS_READY_ASYNC)
#define ALIVE "ready_async"
#else
#define ALIVE "async_free"
#endif

/*
 * The end of a job.
 * The port is looked up by its id: a dead one is not found; else the port lock is taken, waiting as long as
 * it must, and whether the port has died meanwhile is seen again.      io.c:erts_id2port_sflgs, R11B-3..25
 * An alive port: ready_async, or async_free if the driver has none, with the port lock.
 *     io.c:async_ready; erl_async.c:async_main R12B-5, R14B03, call_async_ready R15B..25
 * A dead one: see FREE_WHEN_DEAD. The lock, if it was taken, is given back before.
 */
inline reply(job)
{
    atomic {
        if
        :: port_dead -> skip
        :: else ->
            port_lock == FREE ->        /* the one place where this waits */
            if
            :: port_dead -> skip
            :: else -> port_lock = me; found = true
            fi
        fi;
        if
        :: found -> COMPLETED(job, ALIVE)
#if defined(FREE_WHEN_DEAD)
        :: else -> COMPLETED(job, "async_free")
#else
        :: else -> LOST(job)
#endif
        fi
    };
    if
    :: found ->
#if defined(HAS_READY_ASYNC)
        ready_async(job);
#else
        free_function(job);
#endif
#if defined(HAS_PDL)
        epilogue();
#endif
        atomic { found = false; unlock(port_lock) }
    :: else ->
#if defined(FREE_WHEN_DEAD)
        free_function(job)
#else
        skip
#endif
    fi;
#if defined(HAS_PDL)
    give_up_pdl()
#endif
}

/*
 * A scheduler does, in any order: the owner's next call, a task of the port, a reply from its own ready
 * queue. The owner may be suspended between two calls and go on on the other scheduler. While a scheduler
 * is in a callback it does nothing else; in particular it handles no replies, even if the callback waits.
 *     erl_process.c:schedule, handle_async_ready; erl_port_task.c:erts_port_task_execute
 */
#if defined(REPLY_ON_SCHEDULER)
chan ready[2] = [MAX_JOBS] of { byte };
#endif

active [2] proctype scheduler() provided (!fault)
{
    byte me = _pid + 1;                 /* 1 and 2 */
    byte call;
    byte job;
    bool from_task;
    bool found;
    LOCALS

    do
    :: if
       :: atomic {
              owner == READY && MAY_CALL ->
              active_threads++;
              owner = RUNNING;
              NEXT_CALL
          };
#if defined(SIGNALS)
          atomic {
              if
              :: port_lock == FREE && len(tasks) == 0 && !executing -> port_lock = me
              :: else ->
                  tasks ! call;
                  owner = (ANSWERED(call) -> WAITING : (call == LAST_CALL -> GONE : READY));
                  call = NOTHING
              fi
          }
#else
          lock(port_lock)
#endif
#if defined(SIGNALS)
       /* The port lock is given back after each task: a port may have to yield there. */
       :: atomic {
              nempty(tasks) && !executing ->
              active_threads++;
              executing = true;
              from_task = true;
              tasks ? call
          };
          lock(port_lock)
#endif
#if defined(REPLY_ON_SCHEDULER)
       :: atomic { nempty(ready[me - 1]) -> active_threads++; ready[me - 1] ? job };
          reply(job)
#endif
       fi;

       /* Opening and closing: io.c:erts_open_driver; io.c:erts_do_exit_port up to R15B,
        * erts_deliver_port_exit since R16B. Without an IO queue closing goes to stop at once; jobs that are
        * queued or run are left alone. */
       if
       :: call == OPEN    -> select(last_id : 0 .. N - 1); start(); opened = true
       :: call == COMMAND -> assert(!port_dead); output()
#if defined(HAS_PDL)
       :: call == CLOSE   -> assert(!port_dead); port_exit(false)
       :: call == KILL    -> assert(!port_dead); port_exit(true)
#else
       :: call == CLOSE   -> assert(!port_dead); stop(); port_dead = true
#endif
#if defined(HAS_CONTROL)
       :: call == CONTROL -> CALL_CONTROL
#endif
       :: call == NOTHING -> skip
       fi;

       atomic {
           if
           :: call == NOTHING -> skip
           :: else ->
               unlock(port_lock);
               if
               :: call == LAST_CALL -> owner = GONE
               :: call != LAST_CALL && (!from_task || ANSWERED(call)) -> owner = READY
               :: else -> skip
               fi
           fi;
#if defined(SIGNALS)
           if
           :: from_task -> executing = false; from_task = false
           :: else -> skip
           fi;
#endif
           call = NOTHING;
           job = 0;
           active_threads--
       }
    od
}

/* An async thread: one job after the other, in the order of its queue.   erl_async.c:async_main, async_get */
active [N] proctype async_thread() provided (!fault)
{
    byte me = _pid + 1;                 /* 3 and up */
    byte job;
    bool found;
    LOCALS

    do
    :: atomic { nempty(queue[me - 3]) && !queue_wedged[me - 3] -> active_threads++; queue[me - 3] ? job };
       invoke(job);
#if defined(REPLY_ON_ASYNC_THREAD)
       reply(job);
       atomic { job = 0; active_threads-- }
#else
       atomic { ready[sender[job] - 1] ! job; job = 0; active_threads-- }
#endif
    od
}

/*
 * Looks at every state in which no thread can move: a fault, a legal end, or a hang.
 *
 * Why that finds every hang, a hang being a state from which no run reaches a legal end or a fault: without
 * spurious wake-ups no state comes back (run_oracles.py --acyclic has SPIN show that there is no cycle), so
 * every run ends in a state in which nothing moves; a state is a hang exactly if all ends that it can reach
 * are neither legal nor faults.
 */
#define LEGAL_END (owner == GONE && port_dead && port_lock == FREE && active_threads == 0 && MORE_ENDED)

active proctype observer()
{
    byte j;

    timeout ->
    atomic {
        if
        :: fault -> skip
        :: !fault && !LEGAL_END -> FACT("hang")
        :: !fault && LEGAL_END ->
            LEAKS
            do
            :: j < MAX_JOBS ->
                if
                :: posted[j] && !completed[j] -> FACT("no completion")
                :: else -> skip
                fi;
                j++
            :: else -> break
            od
        fi
    }
}
