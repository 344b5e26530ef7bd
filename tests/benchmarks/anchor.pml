/* The system of models/benchmarks/anchor.dmc, for SPIN: one d_step for each `atomic` of that model.

   Parameters, all given with -D: P ports, J jobs of each, A async threads, S schedulers, PORT_LOCK,
   CANCEL, WAIT and BUG (0 or 1). The two models have the same states, and the same transitions but for
   the initial state, which SPIN counts as one. */
#define OUTPUT   1
#define CLOSE    2
#define READY    3      /* READY + j */
#define LATE     250    /* a reply to a dead port */

#define NONE     0
#define CREATED  1
#define QUEUED   2
#define RUNNING  3
#define POSTED   4
#define DONE     5

#define JOB(p, j)     ((p) * J + (j))
#define LOCKED(p)     locked[(p) * PORT_LOCK]
#define SETTLED(p, j) (j >= created[p] || (completed[JOB(p, j)] && !refs[JOB(p, j)]))
#if J == 1
#define ALL_SETTLED(p) SETTLED(p, 0)
#elif J == 2
#define ALL_SETTLED(p) (SETTLED(p, 0) && SETTLED(p, 1))
#elif J == 3
#define ALL_SETTLED(p) (SETTLED(p, 0) && SETTLED(p, 1) && SETTLED(p, 2))
#else
#define ALL_SETTLED(p) (SETTLED(p, 0) && SETTLED(p, 1) && SETTLED(p, 2) && SETTLED(p, 3))
#endif

byte job[P * J];
bit  completed[P * J];
bit  refs[P * J];
byte created[P];
byte outstanding[P];
bit  mutex[P];
bit  dead[P];
bit  busy[P];
bit  locked[P];
chan tasks[P] = [J + 1] of { byte };
chan queue[A] = [P * J] of { byte };

inline settle(n) {
    assert(!completed[n]);
    assert(refs[n]);
    completed[n] = 1;
    refs[n] = 0
}

inline lose(n) {
#if !BUG
    settle(n);
#endif
    job[n] = DONE
}

active [P] proctype owner() {           /* the first P processes, so _pid is the port */
    byte issued;
    do
    :: d_step { issued < J -> issued++; tasks[_pid] ! OUTPUT }
    :: d_step { true -> tasks[_pid] ! CLOSE }; break
    od;
    dead[_pid] && ALL_SETTLED(_pid);
end:
    false
}

#define PICK(x) d_step { !busy[x] && nempty(tasks[x]) -> busy[x] = 1; p = x }

active [S] proctype scheduler() {
    byte p, j, task;
end:
    do
    ::  if
        :: PICK(0)
#if P > 1
        :: PICK(1)
#endif
#if P > 2
        :: PICK(2)
#endif
        fi;
        d_step {
            !LOCKED(p) -> LOCKED(p) = 1; tasks[p] ? task;
            if
            :: task >= READY -> j = task - READY; task = (dead[p] -> LATE : READY)
            :: else
            fi
        };
        do
        :: d_step { task == OUTPUT -> task = 0; assert(!dead[p]); j = created[p]; created[p]++;
                    job[JOB(p, j)] = CREATED; refs[JOB(p, j)] = 1 };
           d_step { !mutex[p] -> mutex[p] = 1 };
           d_step { outstanding[p]++; mutex[p] = 0 };
           d_step { job[JOB(p, j)] = QUEUED; queue[p % A] ! JOB(p, j) };
           break
        :: d_step { task == READY -> task = 0; assert(!dead[p]); assert(!completed[JOB(p, j)]);
                    completed[JOB(p, j)] = 1 };
           d_step { assert(refs[JOB(p, j)]); refs[JOB(p, j)] = 0; job[JOB(p, j)] = DONE };
           break
        :: d_step { task == LATE -> task = 0; lose(JOB(p, j)) };
           break
        :: d_step { task == CLOSE && j < created[p] && CANCEL && job[JOB(p, j)] == QUEUED && !mutex[p] ->
                    queue[p % A] ?? eval(JOB(p, j)); settle(JOB(p, j)); job[JOB(p, j)] = DONE;
                    outstanding[p]--; j++ }
        :: d_step { task == CLOSE && j < created[p] && !(CANCEL && job[JOB(p, j)] == QUEUED) -> j++ }
        :: d_step { task == CLOSE && j == created[p] -> task = 0; j = 0 };
#if WAIT
           d_step { !mutex[p] && outstanding[p] == 0 -> skip };
#endif
           dead[p] = 1;
           break
        od;
        atomic { LOCKED(p) = 0; busy[p] = 0; p = 0; j = 0 }
    od
}

#define ME     (_pid - P - S)
#define MUTEX  mutex[n / J]
#define COUNT  outstanding[n / J]

active [A] proctype async() {
    byte n, seen;
end:
    do
    ::  d_step { nempty(queue[ME]) -> queue[ME] ? n; job[n] = RUNNING };
        d_step { !MUTEX -> MUTEX = 1; seen = COUNT };
        d_step { COUNT = seen - 1; seen = 0 };
        MUTEX = 0;
        d_step {
            if
            :: !dead[n / J] -> job[n] = POSTED; tasks[n / J] ! READY + n % J
            :: else -> lose(n)
            fi;
            n = 0
        }
    od
}
