/*
 * `stop` counts jobs under a mutex of the driver, and waits until none is left: for EVERY_JOB, which output
 * counts, or for RUNNING_JOBS, which count themselves and do nothing when the port is closing.
 */
#include "runtime_api.pml"

#define HAS_READY_ASYNC
#define LOCALS  bool was_last; bool open;

byte port_data;                         /* drv_data: mtx, cnd, handle, busy, closing, refs */
byte txn[2];                            /* the data of job i: owner */
byte jobs;
byte busy;
bool closed;                            /* drv_data->closing */
byte refs = 1;                          /* atomic */

/* The driver's mutex, and its condition variable with at most one waiter, `stop`; see barrier.pml. They are
 * destroyed where drv_data is freed, which holds the only pointers to them. */
byte mutex = FREE;
bool waiting;

#define LOCK_MUTEX(where)    TOUCH(port_data, where); lock(mutex)
#define UNLOCK_MUTEX(where)  atomic { TOUCH(port_data, where); unlock(mutex) }

inline enter()
{
    LOCK_MUTEX("enter");
    atomic { TOUCH(port_data, "enter"); open = !closed };
    if
    :: open -> atomic { TOUCH(port_data, "enter"); busy++ }
    :: else -> skip
    fi;
    UNLOCK_MUTEX("enter")
}

inline leave()
{
    LOCK_MUTEX("leave");
    atomic { TOUCH(port_data, "leave"); assert(busy > 0); busy-- };
    atomic { TOUCH(port_data, "leave"); waiting = false };
    UNLOCK_MUTEX("leave")
}

inline drop()
{
    atomic { TOUCH(port_data, "drop"); assert(refs > 0); refs--; was_last = (refs == 0) };
    if
    :: was_last -> assert(mutex == FREE && !waiting); RELEASE(port_data)
    :: else -> skip
    fi;
    was_last = false
}

inline start() { ALLOC(port_data) }

inline output()
{
    atomic { job = jobs; jobs++ };
    ALLOC(txn[job]);
#if defined(EVERY_JOB)
    enter();
    open = false;
#else
    atomic { TOUCH(port_data, "output"); refs++ };
#endif
    driver_async(job, NULL_KEY)
}

inline invoke(job)
{
#if defined(EVERY_JOB)
    TOUCH(txn[job], "run");             /* t->owner */
    TOUCH(port_data, "run");            /* t->owner->handle */
    TOUCH(txn[job], "run");             /* t->owner */
    leave()
#else
    TOUCH(txn[job], "run_if_open");     /* t->owner */
    enter();
    if
    :: open -> open = false; TOUCH(port_data, "run_if_open"); leave()
    :: else -> skip
    fi;
    drop()
#endif
}

inline ready_async(job)   { RELEASE(txn[job]) }
inline free_function(job) { RELEASE(txn[job]) }

inline stop()
{
    LOCK_MUTEX("stop");
    atomic { TOUCH(port_data, "stop"); closed = true };
    do
    :: busy > 0 ->
        atomic { unlock(mutex); waiting = true };
        !waiting;
        lock(mutex);
        TOUCH(port_data, "stop")
    :: else -> break
    od;
    UNLOCK_MUTEX("stop");
    TOUCH(port_data, "stop");           /* d->handle */
    drop()
}

#define LOST(job)                                                       \
    if                                                                  \
    :: txn[job] == LIVE -> FACT("leak txn")                             \
    :: else -> skip                                                     \
    fi

#define LEAKS                                                           \
    if                                                                  \
    :: port_data == LIVE -> FACT("leak port")                           \
    :: else -> skip                                                     \
    fi;                                                                 \
    if                                                                  \
    :: txn[0] == LIVE || txn[1] == LIVE -> FACT("leak txn")             \
    :: else -> skip                                                     \
    fi;

#include "runtime_threads.pml"
