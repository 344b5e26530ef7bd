/*
 * Jobs hold the port data lock while they read the driver data; `stop` takes it as well (STOP_TAKES_LOCK), or not.
 */
#define HAS_PDL
#define HAS_READY_ASYNC
#include "runtime_api.pml"

#define LOCALS
#define MAX_COMMANDS 1

byte port_data;                         /* drv_data: port, pdl, limit */
byte txn[2];                            /* the data of job i: owner, pdl */
byte jobs;
bool in_job;

inline start() { ALLOC(port_data); pdl_create() }
inline flush() { skip }

inline stop()
{
    TOUCH(port_data, "stop");           /* d->pdl */
#if defined(STOP_TAKES_LOCK)
    pdl_lock();
#endif
    atomic {
        if
        :: in_job -> FAULT("assertion")
        :: else -> skip
        fi
    };
    RELEASE(port_data);
#if defined(STOP_TAKES_LOCK)
    pdl_unlock()
#endif
}

inline output()
{
    atomic { job = jobs; jobs++ };
    ALLOC(txn[job]);
    TOUCH(port_data, "output");
    driver_async(job, NULL_KEY)
}

inline invoke(job)
{
    TOUCH(txn[job], "run");             /* t->pdl */
    pdl_lock();
    in_job = true;
    TOUCH(txn[job], "run");             /* t->owner */
    TOUCH(port_data, "run");            /* t->owner->limit */
    in_job = false;
    TOUCH(txn[job], "run");             /* t->pdl */
    pdl_unlock()
}

inline ready_async(job)   { RELEASE(txn[job]) }
inline free_function(job) { RELEASE(txn[job]) }

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
