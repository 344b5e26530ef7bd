/*
 * The IO queue as keep-alive: one byte for each job. Taken out by ready_async (DRAINED_BY_REPLY) or by the
 * job (DRAINED_BY_JOB). The owner closes the port (CLOSED), kills it (KILLED), or has it fail in control
 * (FAILED).
 */
#define HAS_PDL
#define HAS_READY_ASYNC
#include "runtime_api.pml"

#define LOCALS

#if defined(KILLED)
#define LAST_CALL KILL
#elif defined(FAILED)
#define LAST_CALL CONTROL
#define HAS_CONTROL
#define CALL_CONTROL assert(!port_dead); control()
#else
#define LAST_CALL CLOSE
#endif

byte port_data;                         /* drv_data: port, pdl */
byte txn[2];                            /* the data of job i: owner */
byte jobs;

inline start() { ALLOC(port_data); pdl_create() }
inline flush() { skip }
inline stop()  { RELEASE(port_data) }

inline output()
{
    atomic { job = jobs; jobs++ };
    ALLOC(txn[job]);
    TOUCH(port_data, "output");         /* d->pdl */
    pdl_lock();
    queued++;
    TOUCH(port_data, "output");         /* d->pdl */
    pdl_unlock();
    TOUCH(port_data, "output");         /* d->port */
    driver_async(job, NULL_KEY)
}

inline drain()
{
    pdl_lock();
    DEQUEUE;
    pdl_unlock()
}

inline invoke(job)
{
    TOUCH(txn[job], "run");             /* t->owner */
    TOUCH(port_data, "run");            /* t->owner->port */
    TOUCH(txn[job], "run");
    TOUCH(port_data, "run");            /* t->owner->pdl */
#if defined(DRAINED_BY_JOB)
    drain()
#endif
}

inline ready_async(job)
{
#if defined(DRAINED_BY_REPLY)
    TOUCH(port_data, "ready_async");    /* d->port */
    TOUCH(port_data, "ready_async");    /* d->pdl */
    drain();
#endif
    RELEASE(txn[job])
}

inline free_function(job) { RELEASE(txn[job]) }

inline control()
{
    TOUCH(port_data, "control");
    driver_failure()
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
