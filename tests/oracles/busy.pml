/*
 * The port is busy from a command to its answer. Its end is told EVERY_TIME, or only WHEN_IT_WENT_WELL.
 */
#include "runtime_api.pml"

#define HAS_READY_ASYNC
#define LOCALS

/*
 * A command for a busy port suspends its sender, and is made or queued when the port is busy no more. Only
 * output makes the port busy and the client waits for the end of each of its commands, so its next one may as
 * well begin at that time. Closing does not ask. Nobody waits when the port ends, so it need not wake them.
 *     erl_bif_port.c:port_command_2, R8B..R15B; io.c:erts_port_output, set_busy_port and
 *     erl_port_task.c:enqueue_task, R16B..25
 */
bool port_busy;

#define MAY_CALL  (!port_busy || !opened || commands == 2)
#define NEXT_CALL                                                       \
    if                                                                  \
    :: !opened -> call = OPEN                                           \
    :: opened && commands < 2 -> commands++; call = COMMAND             \
    :: opened && commands == 2 -> call = CLOSE                          \
    fi

byte port_data;                         /* drv_data: port, out */
bool out;                               /* drv_data->out */
byte txn[2];                            /* the data of job i: failed */
bool failed[2];
byte jobs;

inline start() { ALLOC(port_data) }
inline stop()  { RELEASE(port_data) }

inline output()
{
    atomic {
        TOUCH(port_data, "output");
        if
        :: out -> FAULT("assertion")
        :: else -> out = true
        fi
    };
    atomic { TOUCH(port_data, "output"); port_busy = true };
    atomic { job = jobs; jobs++; ALLOC(txn[job]) };
    TOUCH(port_data, "output");
    driver_async(job, NULL_KEY)
}

inline invoke(job)
{
    atomic {
        TOUCH(txn[job], "perform");
        if
        :: failed[job] = true
        :: failed[job] = false
        fi
    }
}

inline ready_async(job)
{
    atomic { TOUCH(port_data, "ready_async"); out = false };
#if defined(EVERY_TIME)
    port_busy = false;
#else
    TOUCH(txn[job], "ready_async");
    if
    :: !failed[job] -> port_busy = false
    :: else -> skip
    fi;
#endif
    RELEASE(txn[job])
}

inline free_function(job) { RELEASE(txn[job]) }

#define LOST(job)                                                       \
    if                                                                  \
    :: txn[job] == LIVE -> FACT("leak job")                             \
    :: else -> skip                                                     \
    fi

#define LEAKS                                                           \
    if                                                                  \
    :: port_data == LIVE -> FACT("leak port")                           \
    :: else -> skip                                                     \
    fi;                                                                 \
    if                                                                  \
    :: txn[0] == LIVE || txn[1] == LIVE -> FACT("leak job")             \
    :: else -> skip                                                     \
    fi;

#include "runtime_threads.pml"
