/*
 * Jobs left behind: `stop` frees the driver data, whatever jobs are still out. A job reads the driver data
 * (JOB_USES_DRV_DATA) or only what it was given (JOB_USES_OWN_COPY).
 */
#include "runtime_api.pml"

#define HAS_READY_ASYNC
#define LOCALS

byte port_data;                         /* drv_data: port, limit */
byte txn[2];                            /* the data of job i: owner, limit */
byte jobs;

inline start() { ALLOC(port_data) }

inline output()
{
    atomic { job = jobs; jobs++ };
    ALLOC(txn[job]);
    TOUCH(port_data, "output");         /* t->limit = d->limit */
    driver_async(job, NULL_KEY)
}

inline invoke(job)
{
    TOUCH(txn[job], "run");             /* t->owner, or t->limit */
#if defined(JOB_USES_DRV_DATA)
    TOUCH(port_data, "run")             /* t->owner->limit */
#endif
}

inline ready_async(job)   { RELEASE(txn[job]) }
inline free_function(job) { RELEASE(txn[job]) }
inline stop()             { RELEASE(port_data) }

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
