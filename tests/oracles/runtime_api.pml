/*
 * The Erlang runtime as a driver sees it, part 1: what a run is an instance of, memory, locks, driver_async.
 * A design includes this file, defines its callbacks, then includes runtime_threads.pml.
 *
 * One of R12SMP (R12B-5), R13SMP (R13B04), R14B03, R15 (R15B03), OTP21 (21.3), OTP23 (23.3) is defined;
 * ASYNC_THREADS is 0..3, and not 0 for OTP23. Options of the oracle itself: SPURIOUS=n (at most n spurious wake-ups of the condition variable),
 * ASYNC_COMMAND (a queued command does not hold up its sender).
 */

/* ---- What the releases differ in ------------------------------------------------------------------- */

/* Who calls ready_async and async_free once a job has run.
 * The async thread itself, before it looks at its next job: SMP emulators R11B .. R14B.
 *     erl_async.c:async_main, R12B-5 and R14B03
 * The scheduler that called driver_async, from the ready queue that each scheduler has: R15B and later; an
 * SMP scheduler never handles another one's ready queue.
 *     erl_async.c:async_reply and erts_check_async_ready, R15B..25; release notes ERTS 5.9 */
#if defined(R12SMP) || defined(R13SMP) || defined(R14B03)
#define REPLY_ON_ASYNC_THREAD
#elif defined(R15) || defined(OTP21) || defined(OTP23)
#define REPLY_ON_SCHEDULER
#else
#error "no release was given"
#endif

/* What happens to a job whose port is dead when the job has run.
 * R11B-3 .. R12B-5: nothing, the branch is missing and the data is lost.  erl_async.c:async_main, R12B-5
 * R13A and later: async_free, and no port lock is held.  erl_async.c:async_main R13A,
 *     call_async_ready R15B..25; OTP-7784 */
#if !defined(R12SMP)
#define FREE_WHEN_DEAD
#endif

/* How a process reaches a port.
 * Up to R15B: the caller takes the port lock, waiting as long as it must, and calls the driver.
 *     erl_bif_port.c:port_command_2, port_close_1, R12B-5..R15B
 * R16B and later: the call is made at once if the port is not locked and none of its tasks is queued or
 * running; else it becomes a task of the port, which any scheduler may execute.
 *     io.c:try_imm_drv_call, erts_port_output, erts_port_exit; erl_port_task.c:erts_port_task_execute,
 *     R16B..25; release notes ERTS 5.10 */
#if defined(OTP21) || defined(OTP23)
#define SIGNALS
#endif

/* ---- What was seen --------------------------------------------------------------------------------- */

/* Facts are printed when a search first meets them. The table is no part of the state: SPIN neither stores
 * nor restores it, and as every transition of every reachable state is executed once, the output is the set
 * of reachable facts. A fact depends on nothing but the state and the transition. */
c_decl {
    static const char *facts_seen[64];
    static void record(const char *fact)
    {
        int i = 0;
        while (facts_seen[i] != 0 && strcmp(facts_seen[i], fact) != 0) i++;
        if (facts_seen[i] == 0) {
            facts_seen[i] = fact;
            printf("fact: %s\n", fact);
        }
    }
};

#define FACT(text) c_code { record(text); }

/* A fault ends the run: every thread has the clause `provided (!fault)`. */
bool fault;

#define FAULT(text) FACT(text); fault = true

/* ---- Memory ---------------------------------------------------------------------------------------- */

#define NONE   0                        /* not allocated yet */
#define LIVE   1
#define FREED  2                        /* never allocated again: a dangling pointer stays one */

#define ALLOC(object) atomic { assert(object == NONE); object = LIVE }

/* One read or write of a field. */
#define TOUCH(object, where)                                            \
    atomic {                                                            \
        if                                                              \
        :: object == FREED -> FAULT("use_after_free in " where)         \
        :: object == LIVE -> skip                                       \
        :: else -> assert(false)                                        \
        fi                                                              \
    }

#define RELEASE(object)                                                 \
    atomic {                                                            \
        if                                                              \
        :: object == FREED -> FAULT("double_free")                      \
        :: else -> assert(object == LIVE); object = FREED               \
        fi                                                              \
    }

/* ---- Locks: not recursive, in no order of arrival; `me` is the thread ------------------------------ */

#define FREE 0

inline lock(mutex)   { atomic { mutex == FREE -> mutex = me } }
inline unlock(mutex) { atomic { assert(mutex == me); mutex = FREE } }

/* ---- The port -------------------------------------------------------------------------------------- */

/* The port lock: around every callback, whatever the locking level, as there is one port.
 *     erl_port_task.c:erts_port_task_execute; io.c:erts_id2port_sflgs, R11B-3..25 */
byte port_lock = FREE;

bool port_dead;                         /* set with the port lock, after stop: io.c:terminate_port */

#if defined(HAS_PDL)
#include "runtime_queue.pml"
#endif

/* ---- Async jobs ------------------------------------------------------------------------------------ */

#if ASYNC_THREADS == 0
#define N         1                     /* one that is never given a job */
#else
#define N         ASYNC_THREADS
#endif
#define MAX_JOBS  5

chan queue[N] = [MAX_JOBS] of { byte }; /* of each async thread: first in, first out */
bool queue_wedged[N];                   /* its mutex is held for ever, by a cancel that spins */
byte last_id;                           /* modulo N; starts anywhere */
bool posted[MAX_JOBS];
bool completed[MAX_JOBS];               /* by ready_async or by async_free */
byte sender[MAX_JOBS];                  /* the scheduler that posted it */

/* The call of ready_async or of async_free, exactly once for a job. */
#define COMPLETED(job, how)                                             \
    assert(posted[job] && !completed[job]);                             \
    completed[job] = true;                                              \
    FACT("completion by " how)

#define NULL_KEY 255

/* Every job gets the next number of one counter of the whole emulator; without a key the number chooses the
 * thread, else the key does; both modulo the number of threads. The port is never dead here: driver_async
 * is called in output and in stop. What the call writes back to `*key` is not modelled: no design uses a
 * key twice.
 *     erl_async.c:driver_async, R7B..25
 * Without threads, which is possible up to OTP 22: the job, and then what follows it, before the call
 * returns, in the thread of the caller, which has the port lock. No design with a ready_async is run so. */
#if ASYNC_THREADS == 0
inline driver_async(job, key)
{
    posted[job] = true;
    invoke(job);
    atomic { COMPLETED(job, "async_free") };
    free_function(job)
}
#else
inline driver_async(job, key)
{
    atomic {
        last_id = (last_id + 1) % N;
        posted[job] = true;
        sender[job] = me;
#if defined(HAS_PDL)
        pdl_refs++;                     /* given back by give_up_pdl */
#endif
        if
        :: key == NULL_KEY -> queue[last_id] ! job
        :: else            -> queue[(key) % N] ! job
        fi
    }
}
#endif
