/* Obligations: states that owe something which cannot be reached any more, without some parties' steps. */
#ifndef DMC_REACH_H
#define DMC_REACH_H

#include "graph.h"
#include "search.h"
#include "set.h"

/* One backward pass for each obligation, after one with all parties where it has to do without some; can be
 * left and taken up again. */
struct dmc_reach {
    const struct dmc_model *model;
    const struct dmc_graph *graph;
    const struct dmc_set *visited;
    struct dmc_hang pass;
    struct dmc_missed *missed; /* by obligation */
    uint64_t *state;
    uint64_t at;
    uint32_t obligation;
    int passing;     /* the states are judged, and the pass is under way */
    uint64_t *helped; /* by state, as bits: what a pass with all parties has reached; NULL: there was none */
};

uint64_t dmc_reach_bytes(const struct dmc_graph *graph);
int dmc_reach_open(struct dmc_reach *r, const struct dmc_model *model, const struct dmc_graph *graph,
                   const struct dmc_set *visited);
void dmc_reach_close(struct dmc_reach *r);

/* Go on for `budget` units of work: 1 when it is over, 0 when not, -1 if there is no memory. */
int dmc_reach_step(struct dmc_reach *r, uint64_t budget);

#endif
