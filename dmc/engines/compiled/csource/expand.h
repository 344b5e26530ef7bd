/* Successors of states, as a batch of events in the order in which they take effect. */
#ifndef DMC_EXPAND_H
#define DMC_EXPAND_H

#include "fusion.h"
#include "heap.h"
#include "search.h"
#include "set.h"

enum {
    DMC_BATCH = 256, /* events */
    DMC_AHEAD = 16   /* events between the fetch of a slot and that of the state which it names */
};

/* What there is to do about an event: its `flags`. */
enum dmc_event_flags {
    DMC_BEGINS = 1,      /* a source is taken up, before all else */
    DMC_COUNTS = 2,      /* a step was taken: a transition */
    DMC_LOSES = 4,       /* ... and lost an owned object */
    DMC_ENDS_RUN = 8,    /* ... and ended the run with `outcome` */
    DMC_REACHES = 16,    /* to a state that is kept */
    DMC_IS_EDGE = 32,    /* ... on which it may be relied */
    DMC_PASSES = 64,     /* through a state that is seen and not kept */
    DMC_HAS_RACE = 128,
    DMC_BREAKS = 256,    /* fusion was not allowed: `outcome` says where */
    DMC_STARTS = 512     /* an initial state, of number `source` among them */
};

#define DMC_ROOT 0u

/* A step on the way from a source to an event; number 0 is the source itself. */
struct dmc_node {
    uint32_t parent, thread, step;
};

struct dmc_frame {
    uint32_t node;
    uint32_t thread; /* the one that goes on, or `threads`: any */
};

/* `full` empties the batch and says whether to go on. */
struct dmc_expander {
    const struct dmc_model *model;
    struct dmc_heap heap;
    struct dmc_fusion *fusion; /* NULL: none */
    int renumber, racing, watching;
    uint8_t *may_race; /* by point */
    struct dmc_race race;
    int (*full)(void *context);
    void *context;

    const struct dmc_set *visited; /* where the states will be looked up */
    uint32_t fetched;              /* so many events have their place there fetched ahead */
    struct dmc_batch batch;
    uint32_t most;   /* events of one source without fusion, at most */
    uint32_t begins; /* flags for the next event */

    struct dmc_node *node;
    uint64_t nodes, node_room;
    struct dmc_frame *frame;
    uint64_t frames, frame_room;
    uint64_t *frame_state;
    uint64_t frame_state_room;
    uint64_t *now; /* the state whose steps are taken */
    struct dmc_set between;
    int stopped;
};

int dmc_expander_open(struct dmc_expander *x, const struct dmc_model *model);
void dmc_expander_close(struct dmc_expander *x);

/* All events of a source, which is read from `now`; whether to go on. */
int dmc_expand(struct dmc_expander *x, uint32_t source);

/* Fetch what will be looked up for the events but the last ones. */
static inline void dmc_fetch(struct dmc_expander *x, uint32_t but)
{
    for (; x->fetched + but < x->batch.events; x->fetched++)
        if (x->batch.event[x->fetched].flags & DMC_REACHES)
            dmc_set_prefetch_key(x->visited, x->batch.event[x->fetched].hash);
}

/* The event of an initial state. */
int dmc_start(struct dmc_expander *x, uint32_t initial);

/* Whether the step can be taken. */
static inline int dmc_enabled(const struct dmc_step *step, const uint64_t *s, const struct dmc_thread *t)
{
    return !step->guard || step->guard(s, t);
}

static inline struct dmc_choice dmc_choice_of(const struct dmc_model *m, uint32_t thread, uint32_t step)
{
    struct dmc_choice choice = {thread, m->step[step].alternative};

    return choice;
}

static inline uint64_t *dmc_state(const struct dmc_expander *x, const struct dmc_event *event)
{
    return x->batch.state + (size_t)(event - x->batch.event) * x->model->words;
}

/* Whether some step from the point makes an access that can take part in a race. */
int dmc_may_race(const struct dmc_model *m, uint32_t point);

/* The first race of a state, in the order of threads, alternatives and accesses. */
int dmc_find_race(const struct dmc_model *m, const uint8_t *may_race, const uint64_t *s,
                  struct dmc_race *race);

#endif
