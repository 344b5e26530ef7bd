/* The backward pass, against a plain fixed point on random graphs; and components by hand. */
#include "graph.h"

#include <stdlib.h>
#include <string.h>

#include "expect.h"

enum { STATES = 200 };

static uint32_t chance(uint32_t below)
{
    static uint64_t seed = 1;

    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % below;
}

static void open_graph(struct dmc_graph *g)
{
    dmc_array_open(&g->first, sizeof(uint32_t));
    dmc_array_open(&g->target, sizeof(uint32_t));
    dmc_array_open(&g->finishing, 1);
    dmc_array_open(&g->party, 1);
    dmc_array_open(&g->over, sizeof(struct dmc_over));
}

static void close_graph(struct dmc_graph *g)
{
    dmc_array_close(&g->first);
    dmc_array_close(&g->target);
    dmc_array_close(&g->finishing);
    dmc_array_close(&g->party);
    dmc_array_close(&g->over);
}

static void add_state(struct dmc_graph *g, int finishes)
{
    EXPECT(dmc_add_number(&g->first, (uint32_t)g->target.count));
    *(uint8_t *)dmc_array_add(&g->finishing) = (uint8_t)finishes;
}

/* The nearest state that owes, without a way to one that ends by steps that count. */
static uint64_t nearest_hang(const struct dmc_hang *h)
{
    const struct dmc_graph *g = h->graph;
    uint8_t finishes[STATES];
    int changed = 1;

    for (uint32_t n = 0; n < STATES; n++)
        finishes[n] = h->ends ? h->ends[n] : *(uint8_t *)dmc_item(&g->finishing, n);
    while (changed) {
        changed = 0;
        for (uint32_t n = 0; n < STATES; n++) {
            uint64_t end = n + 1 < STATES ? dmc_number(&g->first, n + 1) : g->target.count;

            for (uint64_t i = dmc_number(&g->first, n); i < end && !finishes[n]; i++)
                if (finishes[dmc_number(&g->target, i)] &&
                    !(h->without && h->without >> *(uint8_t *)dmc_item(&g->party, i) & 1))
                    finishes[n] = 1, changed = 1;
        }
    }
    for (uint32_t n = 0; n < STATES; n++)
        if (!finishes[n] && (!h->owes || h->owes[n]))
            return n;
    return UINT64_MAX;
}

/* What the pass is asked of an obligation: other ends, not all states, not all parties. */
static void oblige(struct dmc_hang *h)
{
    h->without = chance(8) & ~1u;
    h->ends = calloc(STATES, 1);
    h->owes = calloc(STATES, 1);
    EXPECT(h->ends && h->owes);
    for (int i = 0; i < 20; i++) {
        h->ends[chance(STATES)] = 1;
        h->owes[chance(STATES)] = 1;
    }
}

static void random_graph(int obliged)
{
    struct dmc_graph g;
    struct dmc_hang hang;
    int over;

    open_graph(&g);
    for (uint32_t n = 0; n < STATES; n++) {
        add_state(&g, chance(12) == 0);
        for (uint32_t edges = chance(4); edges; edges--) {
            EXPECT(dmc_add_number(&g.target, chance(STATES)));
            *(uint8_t *)dmc_array_add(&g.party) = (uint8_t)chance(3);
        }
    }
    EXPECT(dmc_hang_open(&hang, &g));
    if (obliged)
        oblige(&hang);
    while ((over = dmc_hang_step(&hang, 1 + chance(50))) == 0)
        ;
    EXPECT(over == 1);
    EXPECT(hang.hanging == nearest_hang(&hang));
    for (uint64_t i = 0; i < hang.components; i++)
        EXPECT(!hang.can_finish[hang.component[i]]);
    dmc_hang_close(&hang);
    close_graph(&g);
}

/* 0 -> 1 (finishes), 0 -> 2, 2 <-> 3. */
static void a_cycle(void)
{
    struct dmc_graph g;
    struct dmc_hang hang;

    open_graph(&g);
    add_state(&g, 0);
    EXPECT(dmc_add_number(&g.target, 1) && dmc_add_number(&g.target, 2));
    add_state(&g, 1);
    add_state(&g, 0);
    EXPECT(dmc_add_number(&g.target, 3));
    add_state(&g, 0);
    EXPECT(dmc_add_number(&g.target, 2));
    EXPECT(dmc_hang_open(&hang, &g));
    while (dmc_hang_step(&hang, 1) == 0)
        ;
    EXPECT(hang.hanging == 2 && hang.components == 2 && !hang.deadlock);
    EXPECT(hang.component[0] == 2 && hang.component[1] == 3);
    dmc_hang_close(&hang);
    close_graph(&g);
}

int main(void)
{
    for (int i = 0; i < 400; i++)
        random_graph(i % 2);
    a_cycle();
    return 0;
}
