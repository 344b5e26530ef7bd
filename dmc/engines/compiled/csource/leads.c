#include "leads.h"

#include <stdlib.h>
#include <string.h>

void dmc_leads_open(struct dmc_leads *l)
{
    memset(l, 0, sizeof *l);
    dmc_array_open(&l->next, sizeof(uint32_t));
    dmc_array_open(&l->circle, sizeof(uint32_t));
}

void dmc_leads_close(struct dmc_leads *l)
{
    dmc_array_close(&l->next);
    dmc_array_close(&l->circle);
    free(l->met);
    l->met = NULL;
}

uint64_t dmc_leads_bytes(const struct dmc_leads *l)
{
    return dmc_array_bytes(&l->next) + dmc_array_bytes(&l->circle);
}

int dmc_leads_begin(struct dmc_leads *l)
{
    free(l->met);
    l->met = calloc(l->next.count / 64 + 1, sizeof *l->met);
    l->left = l->next.count;
    l->circle.count = 0;
    return l->met != NULL;
}

/* Mark the state as met; whether it was not met before. */
static int meet(struct dmc_leads *l, uint32_t state)
{
    uint64_t bit = (uint64_t)1 << (state & 63), *word = &l->met[state >> 6];
    int is_new = !(*word & bit);

    *word |= bit;
    return is_new;
}

/* Whether the way from the state, which ends at the other one, meets it before. */
static int is_circle(const struct dmc_leads *l, uint32_t state, uint32_t end, uint64_t steps)
{
    for (; steps; steps--, state = dmc_number(&l->next, state))
        if (state == end)
            return 1;
    return 0;
}

/* Follow the way of a state to a state that is known to end, or was met before; 0 if there is no memory. */
static int follow(struct dmc_leads *l, struct dmc_hang *h, uint32_t state)
{
    uint32_t at = state;
    uint64_t steps = 0;

    for (; at != DMC_NOWHERE && !dmc_can_finish(h, at) && meet(l, at); steps++)
        at = dmc_number(&l->next, at);
    if (at == DMC_NOWHERE)
        return 1;
    if (!dmc_can_finish(h, at))
        return !is_circle(l, state, at, steps) || dmc_add_number(&l->circle, at);
    for (; !dmc_can_finish(h, state); state = dmc_number(&l->next, state))
        h->can_finish[state >> 6] |= (uint64_t)1 << (state & 63);
    return 1;
}

/* The newest states first: where they lead to is known then for most of the others. */
int dmc_leads_step(struct dmc_leads *l, struct dmc_hang *h, uint64_t budget)
{
    dmc_hang_begin(h);
    for (; l->left && budget; budget--) {
        uint32_t state = (uint32_t)--l->left;

        if (!dmc_can_finish(h, state) && !follow(l, h, state))
            return -1;
    }
    return !l->left;
}
