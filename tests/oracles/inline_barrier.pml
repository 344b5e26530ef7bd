/*
 * The barrier where there may be no async thread: then driver_async runs the job before it returns. `stop`
 * posts the barrier with its mutex held (WITH_MUTEX), or takes the mutex afterwards (WITHOUT_MUTEX). All jobs
 * have key 1; no ready_async, async_free is driver_free.
 */
#include "runtime_api.pml"

#define LOCALS

#define BARRIER  2                      /* jobs 0 and 1 are commands */

byte port_data;                         /* drv_data: port, mtx, cnd, arrived */
bool arrived;
byte object[MAX_JOBS];                  /* a job's data: owner */
byte jobs;

/* The driver's mutex is not recursive: who has it and takes it again waits for ever. There is at most one
 * waiter, `stop`; see barrier.pml.                  erl_drv_thread.c:erl_drv_mutex_lock, R12B-5..25 */
byte mutex = FREE;
bool mutex_destroyed;
bool waiting;

#define LOCK_MUTEX                                                      \
    atomic {                                                            \
        mutex == FREE ->                                                \
        if                                                              \
        :: mutex_destroyed -> FAULT("use of a destroyed mutex")         \
        :: else -> mutex = me                                           \
        fi                                                              \
    }

inline start() { ALLOC(port_data) }

inline output()
{
    atomic { job = jobs; jobs++ };
    ALLOC(object[job]);
    TOUCH(port_data, "output");
    driver_async(job, 1)
}

/* run(Txn *t) and arrive(Barrier *b) */
inline invoke(job)
{
    if
    :: job < BARRIER ->
        TOUCH(object[job], "run");      /* t->owner */
        TOUCH(port_data, "run")         /* t->owner->port */
    :: else ->
        TOUCH(object[job], "arrive");   /* b->owner */
        TOUCH(port_data, "arrive");     /* d->mtx */
        LOCK_MUTEX;
        atomic { TOUCH(port_data, "arrive"); arrived = true };
        atomic { TOUCH(port_data, "arrive"); waiting = false };             /* d->cnd */
        atomic { TOUCH(port_data, "arrive"); unlock(mutex) }                /* d->mtx */
    fi
}

inline free_function(job) { RELEASE(object[job]) }

inline stop()
{
    TOUCH(port_data, "stop");
#if defined(WITH_MUTEX)
    LOCK_MUTEX;
#endif
    job = BARRIER;
    ALLOC(object[job]);
    atomic { TOUCH(port_data, "post") };
    driver_async(job, 1);
    TOUCH(port_data, "stop");
#if defined(WITHOUT_MUTEX)
    LOCK_MUTEX;
#endif
    do
    :: !arrived ->
        atomic { unlock(mutex); waiting = true };
        !waiting;
        LOCK_MUTEX;
        TOUCH(port_data, "stop")
    :: else -> break
    od;
    unlock(mutex);
    atomic {
        if
        :: mutex != FREE -> FAULT("a locked mutex is destroyed")
        :: else -> mutex_destroyed = true
        fi
    };
    RELEASE(port_data)
}

#define LOST(job)                                                       \
    if                                                                  \
    :: object[job] == LIVE && job < BARRIER -> FACT("leak txn")         \
    :: object[job] == LIVE && job >= BARRIER -> FACT("leak barrier")    \
    :: else -> skip                                                     \
    fi

#define LEAKS                                                           \
    if                                                                  \
    :: port_data == LIVE -> FACT("leak port")                           \
    :: else -> skip                                                     \
    fi;                                                                 \
    if                                                                  \
    :: object[0] == LIVE || object[1] == LIVE -> FACT("leak txn")       \
    :: else -> skip                                                     \
    fi;                                                                 \
    if                                                                  \
    :: object[2] == LIVE -> FACT("leak barrier")                        \
    :: else -> skip                                                     \
    fi;

#include "runtime_threads.pml"
