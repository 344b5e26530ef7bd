/*
 * Counted references: the driver data has one reference for the port and one for each job; who drops the
 * last frees it.
 */
#include "runtime_api.pml"

#define HAS_READY_ASYNC
#define LOCALS  bool was_last;

byte port_data;                         /* drv_data: port, refs */
byte refs = 1;                          /* drv_data->refs, atomic */
byte txn[2];                            /* the data of job i: owner */
byte jobs;

inline start() { ALLOC(port_data) }

inline output()
{
    atomic { job = jobs; jobs++ };
    ALLOC(txn[job]);
    TOUCH(port_data, "output");
    refs++;
    driver_async(job, NULL_KEY)
}

inline invoke(job)
{
    TOUCH(txn[job], "run");             /* t->owner */
    TOUCH(port_data, "run")             /* t->owner->port */
}

#define DROP(where)                                                     \
    TOUCH(port_data, where);                                            \
    atomic { assert(refs > 0); refs--; was_last = (refs == 0) };        \
    if                                                                  \
    :: was_last -> RELEASE(port_data)                                   \
    :: else -> skip                                                     \
    fi;                                                                 \
    was_last = false

inline ready_async(job)   { TOUCH(txn[job], "ready_async"); RELEASE(txn[job]); DROP("ready_async") }
inline free_function(job) { TOUCH(txn[job], "free_function"); RELEASE(txn[job]); DROP("free_function") }
inline stop()             { DROP("stop") }

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
