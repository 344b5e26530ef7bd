/*
 * Cancel in `stop`: it cancels every job it has posted, whatever the answers, then frees the driver data
 * (FREE_AT_ONCE), or drops the port's reference to it (HAND_OVER; each job has one too, and drops it when
 * it is freed).
 */
#include "runtime_api.pml"

#define HAS_READY_ASYNC
#define LOCALS  bool was_last; byte next; byte thread;

byte port_data;                         /* drv_data: port, id, jobs, refs */
byte refs = 1;                          /* drv_data->refs, atomic */
byte jobs;                              /* drv_data->jobs; the id of job i is i */
byte txn[2];                            /* the data of job i: owner */

inline start() { ALLOC(port_data) }

inline output()
{
    job = jobs;
    ALLOC(txn[job]);
    TOUCH(port_data, "output");
    refs++;
    driver_async(job, NULL_KEY);
    TOUCH(port_data, "output");         /* d->id[d->jobs] = ...; d->jobs++ */
    jobs++
}

inline invoke(job)
{
    TOUCH(txn[job], "run");             /* t->owner */
    TOUCH(port_data, "run")             /* t->owner->port */
}

#define UNREF(where)                                                    \
    TOUCH(port_data, where);                                            \
    atomic { assert(refs > 0); refs--; was_last = (refs == 0) };        \
    if                                                                  \
    :: was_last -> RELEASE(port_data)                                   \
    :: else -> skip                                                     \
    fi;                                                                 \
    was_last = false

/* finish_txn: the free function, a helper of ready_async, and called by a cancel */
inline free_function(job)
{
#if defined(HAND_OVER)
    TOUCH(txn[job], "free_function");   /* t->owner */
    UNREF("free_function");
#endif
    RELEASE(txn[job])
}

inline ready_async(job) { free_function(job) }

/*
 * driver_async_cancel(id), in the thread of the caller.
 *
 * R14B03, R14B04: looks through one queue after the other, each under its mutex; a job that is found is
 * taken out, the mutex given back, and async_free called, here, with the port lock held by the caller; a
 * job that has begun is not found.      erl_async.c:async_del R14B03; release notes ERTS 5.8.4, OTP-9302
 * R7B .. R14B02: the loop over the entries of a queue does not advance, so it looks at the newest entry
 * only: if that is another job it goes on for ever, and the mutex of that queue is never given back. The
 * turning of the loop is modelled as a thread that does not move.     erl_async.c:async_del R13B04
 * R15B .. R16B: answers 0 and does nothing.     erl_async.c:driver_async_cancel R15B; release notes ERTS 5.9
 */
#if defined(R14B03)
inline driver_async_cancel(id)
{
    do
    :: thread < N ->
        atomic {
            if
            :: queue[thread] ?? [eval(id)] ->
                queue[thread] ?? eval(id);
                COMPLETED(id, "async_free");
                found = true
            :: else -> thread++
            fi
        };
        if
        :: found -> break
        :: else -> skip
        fi
    :: else -> break
    od;
    thread = 0;
    if
    :: found -> found = false; free_function(id)
    :: else -> skip
    fi
}
#elif defined(R13SMP)
/* Two jobs at most, posted in the order of their numbers: job 1, if it is queued, is the newest. */
#define NEWEST(id)  (queue[thread] ?? [eval(id)] && (id == 1 || !queue[thread] ?? [1]))

inline driver_async_cancel(id)
{
    do
    :: thread < N ->
        atomic {
            if
            :: NEWEST(id) ->
                queue[thread] ?? eval(id);
                COMPLETED(id, "async_free");
                found = true
            :: len(queue[thread]) == 0 -> thread++
            :: else -> queue_wedged[thread] = true; false
            fi
        };
        if
        :: found -> break
        :: else -> skip
        fi
    :: else -> break
    od;
    thread = 0;
    if
    :: found -> found = false; free_function(id)
    :: else -> skip
    fi
}
#elif defined(R15)
inline driver_async_cancel(id) { skip }
#else
#error "no release was given that has driver_async_cancel"
#endif

inline stop()
{
    do
    :: next < jobs ->
        TOUCH(port_data, "stop");       /* d->jobs, d->id[i] */
        driver_async_cancel(next);
        next++
    :: else -> break
    od;
    next = 0;
#if defined(HAND_OVER)
    UNREF("stop")
#else
    RELEASE(port_data)
#endif
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
