/*
 * The Erlang runtime, part 3: the IO queue, the port data lock, and a port that waits for its queue to be empty.
 * Included by runtime_api.pml for a design that defines HAS_PDL.
 */

/* ---- The port data lock: a mutex and a count of references ----------------------------------------- */

/* driver_pdl_create: the first reference is the port's. Taking the lock takes a reference, then the mutex;
 * giving it back gives back the mutex, then the reference; the last reference destroys the lock.
 *     io.c:driver_pdl_create, driver_pdl_lock, driver_pdl_unlock, driver_pdl_dec_refc, pdl_destroy,
 *     R11B-3..25 */
byte pdl = FREE;
byte pdl_refs;                          /* 0: not yet created, or destroyed */

inline pdl_create() { atomic { assert(pdl_refs == 0); pdl_refs = 1 } }

inline pdl_lock()
{
    atomic {
        if
        :: pdl_refs == 0 -> FAULT("pdl_destroyed")
        :: else -> pdl_refs++
        fi
    };
    lock(pdl)
}

inline pdl_unlock() { atomic { assert(pdl_refs > 1); unlock(pdl); pdl_refs-- } }

/* A job has a reference from driver_async on, and the runtime gives it back when it has handed back the job:
 * not before, since R15B02.
 *     erl_async.c:driver_async, R11B-3..25; async_main, R12B-5..R14B; call_async_ready, R15B03..25; OTP-10249 */
inline give_up_pdl() { atomic { assert(pdl_refs > 0); pdl_refs-- } }

/* ---- The IO queue: how many bytes ------------------------------------------------------------------ */

byte queued;

/* To dequeue more than there is does nothing, and neither does it in a dead port; both are told by -1. The
 * former is a fact.                                             io.c:driver_deq, drvport2ioq, R11B-3..25 */
#define DEQUEUE                                                         \
    atomic {                                                            \
        assert(pdl == me);                                              \
        if                                                              \
        :: port_dead -> skip                                            \
        :: !port_dead && queued == 0 -> FACT("dequeue_beyond")             \
        :: else -> queued--                                             \
        fi                                                              \
    }

/* ---- Closing: all with the port lock --------------------------------------------------------------- */

bool closing;                           /* the port waits for an empty queue; its links are gone */
bool drained[7];                          /* what a thread has seen of the queue */

/* The queue is looked at with the port data lock.                      io.c:is_port_ioq_empty, R11B-3..25 */
inline look_at_queue()
{
    pdl_lock();
    drained[me] = (queued == 0);
    pdl_unlock()
}

/* stop; what is still in the queue is thrown away, with the port data lock; the port gives up its reference
 * to the lock; then it is dead.                                      io.c:terminate_port, stopq, R11B-3..25 */
inline terminate()
{
    stop();
    pdl_lock();
    queued = 0;
    pdl_unlock();
    give_up_pdl();
    port_dead = true
}

/* Closed, or an exit signal. The reason `kill` does not ask the queue; else a port with something in it goes
 * on, after flush, until it has nothing.
 *     io.c:erts_do_exit_port, flush_port, R11B-3..R15B; erts_deliver_port_exit, flush_port, R16B..25 */
inline port_exit(killed)
{
    if
    :: killed -> drained[me] = true
    :: else -> look_at_queue()
    fi;
    if
    :: !drained[me] ->
        closing = true;
        flush();
        look_at_queue()
    :: else -> skip
    fi;
    if
    :: drained[me] -> terminate()
    :: else -> skip
    fi;
    drained[me] = false
}

/* A callback of a closing port is followed by a look at the queue, and by stop if there is nothing in it.
 * To take something out is not.
 *     io.c:async_ready, erl_port_task.c:erts_port_task_execute, R11B-3..R15B;
 *     erl_port.h:erts_port_driver_callback_epilogue, R16B..25 */
inline epilogue()
{
    if
    :: closing && !port_dead ->
        look_at_queue();
        if
        :: drained[me] -> terminate()
        :: else -> skip
        fi;
        drained[me] = false
    :: else -> skip
    fi
}

/* driver_failure_atom and its like, in a port that is not closing: the queue is thrown away, then the port
 * exits as above, so stop is called in here.                    io.c:driver_failure_term, R11B-3..25 */
inline driver_failure()
{
    assert(!closing && !port_dead);
    pdl_lock();
    queued = 0;
    pdl_unlock();
    port_exit(false)
}
