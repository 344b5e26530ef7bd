/* Hangs: states from which no run comes to an end, found by sweeps over the graph.
 *
 * The same sweeps say what is out of reach: `ends`, `owes` and `without` are then given.
 *
 * What is known to come to an end need not have edges. */
#ifndef DMC_GRAPH_H
#define DMC_GRAPH_H

#include "edges.h"

/* A step that ends the run, and whose it is; kept only where somebody asks. */
struct dmc_over {
    uint32_t state, party;
};

struct dmc_graph {
    uint64_t states;
    struct dmc_edges edges;
    struct dmc_array finishing; /* by state, as bits: an end, or a step that ends the run */
    struct dmc_array over;
};

/* A search for hangs that can be left and taken up again. */
struct dmc_hang {
    const struct dmc_graph *graph;
    uint64_t states, at;
    int down, changed, opened, begun;
    uint64_t without;     /* parties, as bits, whose steps do not count */
    uint8_t *ends;        /* by state; NULL: `finishing` of the graph */
    uint8_t *owes;        /* by state: whether it matters that it hangs; NULL: it does */
    uint64_t *can_finish; /* by state, as bits */
    struct dmc_block block;
    uint64_t hanging; /* the nearest state that hangs; all bits set: none */
    uint32_t *component;
    uint64_t components;
    int deadlock;
};

void dmc_graph_open(struct dmc_graph *g, int has_parties);
void dmc_graph_close(struct dmc_graph *g);
uint64_t dmc_graph_bytes(const struct dmc_graph *g);

/* The state of this number is there; states are added in order. 0 if there is no memory. */
int dmc_graph_add(struct dmc_graph *g, uint64_t state);

static inline void dmc_graph_finish(struct dmc_graph *g, uint64_t state)
{
    *(uint8_t *)dmc_item(&g->finishing, state >> 3) |= (uint8_t)(1u << (state & 7));
}

static inline int dmc_graph_finishes(const struct dmc_graph *g, uint64_t state)
{
    return *(const uint8_t *)dmc_item(&g->finishing, state >> 3) >> (state & 7) & 1;
}

uint64_t dmc_hang_bytes(const struct dmc_graph *graph);
int dmc_hang_open(struct dmc_hang *h, const struct dmc_graph *graph);
void dmc_hang_close(struct dmc_hang *h);

/* Free what was needed to find it, but not what was found. */
void dmc_hang_forget(struct dmc_hang *h);

/* What ends at once comes to an end; the first call does it. */
void dmc_hang_begin(struct dmc_hang *h);

/* The nearest state that owes and is not known to come to an end; the number of states if there is none. */
uint64_t dmc_hang_nearest(const struct dmc_hang *h);

/* Go on for `budget` units of work: 1 when it is over, 0 when not, -1 if there is no memory. */
int dmc_hang_step(struct dmc_hang *h, uint64_t budget);

static inline int dmc_can_finish(const struct dmc_hang *h, uint64_t state)
{
    return (int)(h->can_finish[state >> 6] >> (state & 63) & 1);
}

#endif
