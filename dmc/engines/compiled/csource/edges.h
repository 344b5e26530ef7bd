/* The edges of a graph, kept in about a byte each, in the order in which they are added.
 *
 * Sources are numbered in the order in which they are begun. An edge is written as its distance from the
 * edge of the same rank of the source before: in a breadth-first search those are neighbours. */
#ifndef DMC_EDGES_H
#define DMC_EDGES_H

#include "memory.h"

enum {
    DMC_BLOCK = 256, /* sources that are read together */
    DMC_RANKS = 32   /* edges of higher rank are measured from the last of these */
};

/* Who takes the step is kept only where somebody asks. */
struct dmc_edge {
    uint32_t target, party;
};

/* Where the edges of a block begin, and what its first edges are measured from. */
struct dmc_place {
    uint64_t at;
    uint32_t base;
};

struct dmc_edges {
    struct dmc_array code;  /* bytes */
    struct dmc_array place; /* by block */
    int has_parties;
    uint64_t sources, count;
    struct dmc_edge *pending; /* of the source that was begun last */
    uint64_t pendings, room;
    uint32_t last[DMC_RANKS];
};

/* A block that was read: the edges of its source i are those from `first[i]` to `first[i + 1]`. */
struct dmc_block {
    uint64_t number;
    uint32_t first[DMC_BLOCK + 1];
    struct dmc_edge *edge;
    uint64_t room;
    unsigned char *code; /* of a block that does not lie in one piece */
    uint64_t code_room;
};

void dmc_edges_open(struct dmc_edges *e, int has_parties);
void dmc_edges_close(struct dmc_edges *e);
uint64_t dmc_edges_bytes(const struct dmc_edges *e);

/* Begin the next source; 0 if there is no memory. After the last source: that it is over. */
int dmc_edges_begin(struct dmc_edges *e);
int dmc_edges_end(struct dmc_edges *e);

/* An edge of the source that was begun last; 0 if there is no memory. */
int dmc_edges_add(struct dmc_edges *e, uint32_t target, uint32_t party);

void dmc_block_open(struct dmc_block *b);
void dmc_block_close(struct dmc_block *b);

/* Read a block, unless it is the one that was read last; 0 if there is no memory. */
int dmc_block_read(struct dmc_block *b, const struct dmc_edges *e, uint64_t number);

#endif
