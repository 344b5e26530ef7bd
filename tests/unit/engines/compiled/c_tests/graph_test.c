/* The backward pass, against a plain fixed point on random graphs; and components by hand. */
#include "graph.h"

#include <stdlib.h>
#include <string.h>

#include "expect.h"

enum { STATES = 700, MOST = 4 };

/* The graph as it was given, to be compared with. */
static struct dmc_edge given[STATES][MOST];
static uint32_t given_count[STATES];
static int given_end[STATES];

static uint32_t chance(uint32_t below)
{
    static uint64_t seed = 1;

    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % below;
}

static void add_state(struct dmc_graph *g, uint32_t state, int finishes)
{
    EXPECT(dmc_edges_begin(&g->edges) && dmc_graph_add(g, state));
    if (finishes)
        dmc_graph_finish(g, state);
    given_count[state] = 0;
    given_end[state] = finishes;
}

static void add_edge(struct dmc_graph *g, uint32_t state, uint32_t target, uint32_t party)
{
    struct dmc_edge *edge = &given[state][given_count[state]++];

    EXPECT(dmc_edges_add(&g->edges, target, party));
    edge->target = target;
    edge->party = party;
}

/* The nearest state that owes, without a way to one that ends by steps that count. */
static uint64_t nearest_hang(const struct dmc_hang *h)
{
    uint8_t finishes[STATES];
    int changed = 1;

    for (uint32_t n = 0; n < STATES; n++)
        finishes[n] = h->ends ? h->ends[n] : (uint8_t)given_end[n];
    while (changed) {
        changed = 0;
        for (uint32_t n = 0; n < STATES; n++)
            for (uint32_t i = 0; i < given_count[n] && !finishes[n]; i++)
                if (finishes[given[n][i].target] && !(h->without >> given[n][i].party & 1))
                    finishes[n] = 1, changed = 1;
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

    dmc_graph_open(&g, obliged);
    for (uint32_t n = 0; n < STATES; n++) {
        add_state(&g, n, chance(12) == 0);
        for (uint32_t edges = chance(MOST); edges; edges--)
            add_edge(&g, n, chance(STATES), obliged ? chance(3) : 0);
    }
    EXPECT(dmc_edges_end(&g.edges));
    EXPECT(dmc_hang_open(&hang, &g));
    if (obliged)
        oblige(&hang);
    while ((over = dmc_hang_step(&hang, 1 + chance(50))) == 0)
        ;
    EXPECT(over == 1);
    EXPECT(hang.hanging == nearest_hang(&hang));
    for (uint64_t i = 0; i < hang.components; i++)
        EXPECT(!dmc_can_finish(&hang, hang.component[i]));
    dmc_hang_close(&hang);
    dmc_graph_close(&g);
}

/* 0 -> 1 (finishes), 0 -> 2, 2 <-> 3. */
static void a_cycle(void)
{
    struct dmc_graph g;
    struct dmc_hang hang;

    dmc_graph_open(&g, 0);
    add_state(&g, 0, 0);
    add_edge(&g, 0, 1, 0);
    add_edge(&g, 0, 2, 0);
    add_state(&g, 1, 1);
    add_state(&g, 2, 0);
    add_edge(&g, 2, 3, 0);
    add_state(&g, 3, 0);
    add_edge(&g, 3, 2, 0);
    EXPECT(dmc_edges_end(&g.edges));
    EXPECT(dmc_hang_open(&hang, &g));
    while (dmc_hang_step(&hang, 1) == 0)
        ;
    EXPECT(hang.hanging == 2 && hang.components == 2 && !hang.deadlock);
    EXPECT(hang.component[0] == 2 && hang.component[1] == 3);
    dmc_hang_close(&hang);
    dmc_graph_close(&g);
}

int main(void)
{
    for (int i = 0; i < 400; i++)
        random_graph(i % 2);
    a_cycle();
    return 0;
}
