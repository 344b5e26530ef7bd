/* Leads tell what comes to an end along them, whatever the order of the states, and find the circles. */
#include "leads.h"

#include <stdlib.h>

#include "expect.h"

enum { STATES = 500 };

static uint32_t chance(uint32_t below)
{
    static uint64_t seed = 3;

    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % below;
}

static int comes_to_an_end(const uint32_t next[STATES], const int ends[STATES], uint32_t state)
{
    for (uint32_t steps = 0; steps <= STATES && state != DMC_NOWHERE; steps++, state = next[state])
        if (ends[state])
            return 1;
    return 0;
}

/* Whether the way from the state comes back to it. */
static int turns(const uint32_t next[STATES], uint32_t state)
{
    uint32_t at = next[state];

    for (uint32_t steps = 0; steps < STATES && at != DMC_NOWHERE && at != state; steps++)
        at = next[at];
    return at == state;
}

static void follow(struct dmc_leads *leads, struct dmc_hang *hang, const uint32_t next[STATES],
                   const int ends[STATES])
{
    int over;

    EXPECT(dmc_leads_begin(leads));
    while ((over = dmc_leads_step(leads, hang, 1 + chance(100))) == 0)
        ;
    EXPECT(over == 1);
    for (uint32_t n = 0; n < STATES; n++)
        EXPECT(dmc_can_finish(hang, n) == comes_to_an_end(next, ends, n));
    for (uint64_t i = 0; i < leads->circle.count; i++) {
        uint32_t state = dmc_number(&leads->circle, i);

        EXPECT(turns(next, state) && !comes_to_an_end(next, ends, state));
    }
}

static void random_leads(uint32_t rarely)
{
    struct dmc_graph g;
    struct dmc_hang hang;
    struct dmc_leads leads;
    uint32_t next[STATES];
    int ends[STATES];

    dmc_graph_open(&g, 0);
    dmc_leads_open(&leads);
    for (uint32_t n = 0; n < STATES; n++) {
        next[n] = chance(20) ? chance(STATES) : DMC_NOWHERE;
        ends[n] = chance(rarely) == 0;
        EXPECT(dmc_graph_add(&g, n) && dmc_leads_add(&leads, next[n]));
        if (ends[n])
            dmc_graph_finish(&g, n);
    }
    EXPECT(dmc_hang_open(&hang, &g));
    follow(&leads, &hang, next, ends);
    /* A way out of a circle: all that led into it comes to an end. */
    if (leads.circle.count) {
        uint32_t state = dmc_number(&leads.circle, 0), end = 0;

        while (end < STATES && !ends[end])
            end++;
        if (end < STATES) {
            next[state] = *(uint32_t *)dmc_item(&leads.next, state) = end;
            follow(&leads, &hang, next, ends);
            EXPECT(dmc_can_finish(&hang, state));
        }
    }
    dmc_leads_close(&leads);
    dmc_hang_close(&hang);
    dmc_graph_close(&g);
}

int main(void)
{
    for (uint32_t i = 0; i < 300; i++)
        random_leads(i % 3 ? 30 : 400);
    return 0;
}
