/*
 * The byte that keeps the port alive is taken out by a thread of the driver's own. The owner has closed the
 * port; when the thread is done it sends a control command (ASKED_AGAIN), or nothing.
 */
#define HAS_PDL
#define HAS_CONTROL
#include "runtime_api.pml"

#define LOCALS

bool closed;                            /* the owner has called port_close */
byte pending;                           /* atomic */

#define MAY_CALL    (!closed || pending == 0)
#define MORE_ENDED  (pending == 0)
#define NEXT_CALL                                                       \
    if                                                                  \
    :: !opened -> call = OPEN                                           \
    :: opened && !closed && commands < 1 -> commands++; call = COMMAND  \
    :: opened && !closed -> closed = true; call = CLOSE                 \
    :: closed -> call = CONTROL                                         \
    fi

#if defined(ASKED_AGAIN)
#define LAST_CALL CONTROL
#else
#define LAST_CALL CLOSE
#endif

/* A port that is closing is not found by port_control up to R15B; a queued call is made on it since R16B, and
 * is a callback like any other.
 *     erl_bif_port.c:port_control_3, id2port, R12B-5..R15B; io.c:port_sig_control, R16B..25 */
#if defined(SIGNALS)
#define CALL_CONTROL                                                    \
    if                                                                  \
    :: port_dead -> skip                                                \
    :: else -> epilogue()                                               \
    fi
#else
#define CALL_CONTROL assert(closing || port_dead)
#endif

byte port_data;                         /* drv_data: port */

inline start() { ALLOC(port_data); pdl_create() }
inline flush() { skip }
inline stop()  { RELEASE(port_data) }

inline output()
{
    pdl_lock();
    atomic { TOUCH(port_data, "output"); queued++ };
    pdl_unlock();
    pdl_refs++;                         /* the thread's */
    pending++
}

inline invoke(job)        { assert(false) }
inline free_function(job) { assert(false) }

#define LOST(job) skip

#define LEAKS                                                           \
    if                                                                  \
    :: port_data == LIVE -> FACT("leak port")                           \
    :: else -> skip                                                     \
    fi;

#include "runtime_threads.pml"

active proctype drainer() provided (!fault)
{
    byte me = 6;

    pending > 0;
    pdl_lock();
    DEQUEUE;
    pdl_unlock();
    give_up_pdl();
    pending--
}
