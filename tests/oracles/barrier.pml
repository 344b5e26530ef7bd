/*
 * The barrier of 2008: `stop` posts one more job, or one for each async thread, and waits until they have
 * run. KEY_NULL: all without a key; KEY_SAME: all with key 1; ONE_PER_THREAD: commands without a key,
 * barrier i with key i. No ready_async; async_free is driver_free, for commands and for barriers.
 */
#include "runtime_api.pml"

#define LOCALS  byte next; byte seen;

#if defined(KEY_NULL)
#define COMMAND_KEY     NULL_KEY
#define BARRIERS        1
#define BARRIER_KEY(i)  NULL_KEY
#elif defined(KEY_SAME)
#define COMMAND_KEY     1
#define BARRIERS        1
#define BARRIER_KEY(i)  1
#else
#define COMMAND_KEY     NULL_KEY
#define BARRIERS        N               /* driver_system_info: async_threads */
#define BARRIER_KEY(i)  i
#endif

#define FIRST_BARRIER  2                /* jobs 0 and 1 are commands, the others barriers */

byte port_data;                         /* drv_data: port, mtx, cnd, pending */
byte pending;                           /* drv_data->pending */
byte object[MAX_JOBS];                  /* a job's data: owner */
byte jobs;

/* The driver's mutex, and a condition variable with at most one waiter, `stop`. A signal without a waiter
 * is lost.
 *     erl_drv_thread.c:erl_drv_cond_wait, erl_drv_cond_signal, R12B-5..25
 * The manual allows wake-ups without a signal. None happens here unless SPURIOUS gives a number of them:
 * the waiter would take the mutex, read `pending`, and wait again. It writes nothing, what it reads is
 * alive, as only `stop` frees it, and it gives the mutex back without waiting for anything; so a wake-up
 * neither adds a fact nor makes or mends a hang (a hang is then a state in which `stop` can wake up for
 * ever). run_oracles.py --variants compares. */
#if !defined(SPURIOUS)
#define SPURIOUS 0
#endif

byte mutex = FREE;
bool mutex_destroyed;
bool waiting;
byte wake_ups = SPURIOUS;

#define LOCK_MUTEX                                                      \
    atomic {                                                            \
        mutex == FREE ->                                                \
        if                                                              \
        :: mutex_destroyed -> FAULT("use of a destroyed mutex")         \
        :: else -> mutex = me                                           \
        fi                                                              \
    }

inline cond_wait()
{
    atomic { unlock(mutex); waiting = true };
    if
    :: !waiting -> skip
    :: atomic { waiting && wake_ups > 0 -> wake_ups--; waiting = false }
    fi;
    LOCK_MUTEX
}

inline cond_signal() { waiting = false }

inline start() { ALLOC(port_data) }

inline output()
{
    atomic { job = jobs; jobs++ };
    ALLOC(object[job]);
    TOUCH(port_data, "output");
    driver_async(job, COMMAND_KEY)
}

/* run(Txn *t) and arrive(Barrier *b) */
inline invoke(job)
{
    if
    :: job < FIRST_BARRIER ->
        TOUCH(object[job], "run");      /* t->owner */
        TOUCH(port_data, "run")         /* t->owner->port */
    :: else ->
        TOUCH(object[job], "arrive");   /* b->owner */
        TOUCH(port_data, "arrive");     /* d->mtx */
        LOCK_MUTEX;
        atomic { TOUCH(port_data, "arrive"); seen = pending };              /* d->pending-- is two steps */
        atomic { TOUCH(port_data, "arrive"); pending = seen - 1; seen = 0 };
        atomic { TOUCH(port_data, "arrive"); cond_signal() };               /* d->cnd */
        atomic { TOUCH(port_data, "arrive"); unlock(mutex) }                /* d->mtx */
    fi
}

inline free_function(job) { RELEASE(object[job]) }

inline stop()
{
    atomic { TOUCH(port_data, "stop"); pending = BARRIERS };
    do
    :: atomic { next < BARRIERS -> job = FIRST_BARRIER + next; ALLOC(object[job]) };
       atomic { TOUCH(port_data, "stop"); driver_async(job, BARRIER_KEY(next)); next++ }
    :: atomic { next == BARRIERS -> next = 0; break }
    od;
    LOCK_MUTEX;
    do
    :: pending > 0 -> cond_wait(); TOUCH(port_data, "stop")
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
    :: object[job] == LIVE && job < FIRST_BARRIER -> FACT("leak txn")   \
    :: object[job] == LIVE && job >= FIRST_BARRIER -> FACT("leak barrier") \
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
    :: object[2] == LIVE || object[3] == LIVE || object[4] == LIVE -> FACT("leak barrier") \
    :: else -> skip                                                     \
    fi;

#include "runtime_threads.pml"
