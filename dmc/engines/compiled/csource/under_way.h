/* A search under way: what the parts of it share. */
#ifndef DMC_UNDER_WAY_H
#define DMC_UNDER_WAY_H

#include "expand.h"
#include "graph.h"
#include "judge.h"
#include "leads.h"
#include "reach.h"

/* States are numbered as they are reached, and taken up in that order: who reached one first is found again
 * among the sources of one block. */
#define DMC_BIRTHS 64u
/* Ways out of circles are looked for so many times: where many are left, all edges are soon cheaper. */
#define DMC_ROUNDS 16u

enum dmc_phase { DMC_STARTING, DMC_SEARCHING, DMC_LEADING, DMC_DECIDING, DMC_HANGING, DMC_OWING };

/* A search under way. `status` is what ended it. */
struct dmc_search {
    const struct dmc_model *model;
    struct dmc_options options;
    struct dmc_plan plan;
    struct dmc_expander expander;
    struct dmc_fusion fusion;
    struct dmc_judge judge;
    struct dmc_set visited;
    struct dmc_array births; /* by block of DMC_BIRTHS sources: how many states there were when it was begun */
    struct dmc_graph graph;
    int by_leads; /* one edge of a state is kept; else all of them are, in the graph */
    struct dmc_leads leads;
    struct dmc_hang hang;
    struct dmc_reach owed;
    uint32_t *initial; /* by state, for the first ones: which of the initial states it is */
    uint32_t starts;   /* how many those are */
    enum dmc_phase phase;
    uint32_t status, unprotected;
    volatile uint32_t interrupted;
    uint64_t next, level_end, level, depth;
    uint64_t budget;   /* bytes for the visited states: what the rest left when that was looked at */
    uint32_t lead;     /* of the source that was begun last */
    uint64_t circles, ways_out; /* of the leads: so many have been looked at, and left */
    int left_circle;
    uint32_t rounds; /* so many times the leads were followed again */
    uint64_t transitions, ends;
    uint64_t *wanted; /* while a path is looked for: the state to be reached */
    struct dmc_choice *steps;
    uint64_t step_count, step_room;
    int path_found;
};


static inline int dmc_stop(struct dmc_search *search, uint32_t status)
{
    search->status = status;
    return 0;
}

static inline void dmc_empty(struct dmc_expander *x)
{
    x->batch.events = x->batch.effects.count = x->fetched = 0;
}

/* The events of the batch of the source; `full` of the expander takes them. */
static inline int dmc_take_up(struct dmc_search *search, uint32_t source)
{
    dmc_set_key(&search->visited, source, search->expander.now);
    return dmc_expand(&search->expander, source);
}

uint64_t dmc_bytes_used(const struct dmc_search *search);

/* The events of the batch take effect, in their order; whether to go on. `context` is the search. */
int dmc_arrive(void *context);

/* Look for ways out of the circles of the leads: for `budget` circles; 1 when it is over, 0 when not, or when
 * the search is stopped. */
int dmc_leave_circles(struct dmc_search *search, uint64_t budget);

/* Put all edges of the states that are undecided into the graph: for `budget` states; likewise. */
int dmc_decide_on(struct dmc_search *search, uint64_t budget);

#endif
