/* Which states come to an end, told by one edge of each: where it leads on to.
 *
 * In a breadth-first search the edge to the newest state is a good one: nearly all ways along such leads come
 * to an end, if there is no hang. A way that turns in a circle leaves it by another edge. What then is left is
 * undecided: all of its edges have to be looked at, see `decide.c`. */
#ifndef DMC_LEADS_H
#define DMC_LEADS_H

#include "graph.h"

#define DMC_NOWHERE UINT32_MAX

struct dmc_leads {
    struct dmc_array next;   /* by state: the state that it leads to, or DMC_NOWHERE */
    struct dmc_array circle; /* a state of each circle that was met */
    uint64_t *met;           /* by state, as bits: on the way of a state that was followed */
    uint64_t left;           /* states that are to be followed */
};

void dmc_leads_open(struct dmc_leads *l);
void dmc_leads_close(struct dmc_leads *l);
uint64_t dmc_leads_bytes(const struct dmc_leads *l);

static inline int dmc_leads_add(struct dmc_leads *l, uint32_t next)
{
    return dmc_add_number(&l->next, next);
}

/* Begin to follow the leads of all states; 0 if there is no memory. */
int dmc_leads_begin(struct dmc_leads *l);

/* Follow those of `budget` states: 1 when it is over, 0 when not, -1 if there is no memory. */
int dmc_leads_step(struct dmc_leads *l, struct dmc_hang *h, uint64_t budget);

#endif
