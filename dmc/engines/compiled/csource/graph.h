/* Hangs: states from which no run comes to an end, by one backward pass over the complete graph.
 *
 * The same pass says what is out of reach: `ends`, `owes` and `without` are then given. */
#ifndef DMC_GRAPH_H
#define DMC_GRAPH_H

#include "memory.h"

/* The edges out of state n are `target[first[n]]` .. before `target[first[n + 1]]`, the last to the end. */
struct dmc_graph {
    struct dmc_array first, target; /* numbers */
    struct dmc_array finishing;     /* bytes: an end, or a step that ends the run */
    struct dmc_array party;         /* bytes, by edge: who takes the step; empty if nobody asks */
    struct dmc_array over;          /* where steps end the run, and whose; empty if nobody asks */
};

struct dmc_over {
    uint32_t state, party;
};

/* A pass that can be left and taken up again. */
struct dmc_hang {
    const struct dmc_graph *graph;
    uint64_t states, at;
    int phase;
    uint64_t without; /* parties, as bits, whose steps do not count */
    uint8_t *ends;    /* by state; NULL: `finishing` of the graph */
    uint8_t *owes;    /* by state: whether it matters that it hangs; NULL: it does */
    uint32_t *first;   /* by state: where its predecessors begin */
    uint32_t *source;  /* the predecessors */
    uint32_t *pending; /* states from which the pass has still to go on */
    uint64_t pendings;
    uint8_t *can_finish;
    uint64_t hanging; /* the nearest state that hangs; all bits set: none */
    uint32_t *component;
    uint64_t components;
    int deadlock;
};

uint64_t dmc_hang_bytes(const struct dmc_graph *graph);
int dmc_hang_open(struct dmc_hang *h, const struct dmc_graph *graph);
void dmc_hang_close(struct dmc_hang *h);

/* Free the pass, but not what it has found. */
void dmc_hang_forget(struct dmc_hang *h);

/* Go on for `budget` units of work: 1 when it is over, 0 when not, -1 if there is no memory. */
int dmc_hang_step(struct dmc_hang *h, uint64_t budget);

#endif
