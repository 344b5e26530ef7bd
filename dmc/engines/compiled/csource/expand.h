/* Successors of states, as a batch of events in the order in which they take effect. */
#ifndef DMC_EXPAND_H
#define DMC_EXPAND_H

#include "fusion.h"
#include "heap.h"
#include "search.h"
#include "set.h"

enum {
    DMC_BATCH = 256 /* events */
};

/* What there is to do about an event. */
enum dmc_event_flags {
    DMC_BEGINS = 1,      /* a source is taken up */
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
    uint32_t parent;
    struct dmc_choice choice;
};

/* `state` is the place of the state in the batch; `node` and `choice` tell how it was reached. */
struct dmc_event {
    uint32_t flags, source, outcome, state, party;
    uint32_t node;
    uint32_t lost; /* the set of the claims that it violates to lose something */
    struct dmc_choice choice;
    uint32_t first_effect, effects;
    uint64_t hash;
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
    const uint8_t *covered;
    uint8_t *may_race; /* by point */
    struct dmc_race race;
    int (*full)(void *context);
    void *context;

    struct dmc_event *event;
    uint32_t events, states;
    dmc_cell *state;
    uint64_t *key;
    int64_t *effect;
    uint32_t effects;

    struct dmc_node *node;
    uint64_t nodes, node_room;
    struct dmc_frame *frame;
    uint64_t frames, frame_room;
    dmc_cell *frame_state;
    uint64_t frame_state_room;
    dmc_cell *now;
    uint64_t *source; /* room for the packed state that is taken up */
    struct dmc_set between;
    int stopped;
};

int dmc_expander_open(struct dmc_expander *x, const struct dmc_model *model);
void dmc_expander_close(struct dmc_expander *x);

/* All events of a source; whether to go on. */
int dmc_expand(struct dmc_expander *x, uint32_t source, const uint64_t *key);

/* The event of an initial state. */
int dmc_start(struct dmc_expander *x, uint32_t initial);

/* Whether the step can be taken. */
static inline int dmc_enabled(const struct dmc_step *step, const dmc_cell *s, const struct dmc_thread *t)
{
    return !step->guard || step->guard(s, t);
}

static inline dmc_cell *dmc_state(const struct dmc_expander *x, uint32_t place)
{
    return x->state + (uint64_t)place * x->model->cells;
}

static inline uint64_t *dmc_key(const struct dmc_expander *x, uint32_t place)
{
    return x->key + (uint64_t)place * x->model->words;
}

/* Whether some step from the point makes an access that can take part in a race. */
int dmc_may_race(const struct dmc_model *m, uint32_t point);

/* The first race of a state, in the order of threads, alternatives and accesses. */
int dmc_find_race(const struct dmc_model *m, const uint8_t *may_race, const dmc_cell *s,
                  struct dmc_race *race);

#endif
