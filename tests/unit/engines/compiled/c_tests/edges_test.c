/* Edges are read as they were written, whatever the distances, in any order of blocks. */
#include "edges.h"

#include <stdlib.h>

#include "expect.h"

enum { SOURCES = 3000, MOST = 70 };

static struct dmc_edge given[SOURCES][MOST];
static uint32_t given_count[SOURCES];

static uint32_t chance(void)
{
    static uint64_t seed = 5;

    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 32);
}

static uint32_t any_target(uint32_t source)
{
    switch (chance() % 4) {
    case 0:
        return chance();
    case 1:
        return source + chance() % 100;
    case 2:
        return chance() % 2 ? 0 : UINT32_MAX;
    default:
        return source * 3;
    }
}

static void fill(struct dmc_edges *e, int has_parties)
{
    for (uint32_t source = 0; source < SOURCES; source++) {
        EXPECT(dmc_edges_begin(e));
        given_count[source] = chance() % 10 ? chance() % 6 : chance() % MOST;
        for (uint32_t i = 0; i < given_count[source]; i++) {
            given[source][i].target = any_target(source);
            given[source][i].party = has_parties ? chance() % 64 : 0;
            EXPECT(dmc_edges_add(e, given[source][i].target, given[source][i].party));
        }
    }
    EXPECT(dmc_edges_end(e));
}

static void compare(const struct dmc_edges *e, struct dmc_block *b, uint32_t source)
{
    uint32_t place = source % DMC_BLOCK;

    EXPECT(dmc_block_read(b, e, source / DMC_BLOCK));
    EXPECT(b->first[place + 1] - b->first[place] == given_count[source]);
    for (uint32_t i = 0; i < given_count[source]; i++) {
        EXPECT(b->edge[b->first[place] + i].target == given[source][i].target);
        EXPECT(b->edge[b->first[place] + i].party == given[source][i].party);
    }
}

int main(void)
{
    for (int has_parties = 0; has_parties < 2; has_parties++) {
        struct dmc_edges e;
        struct dmc_block b;

        dmc_edges_open(&e, has_parties);
        dmc_block_open(&b);
        fill(&e, has_parties);
        for (uint32_t source = 0; source < SOURCES; source++)
            compare(&e, &b, source);
        for (int i = 0; i < 300; i++)
            compare(&e, &b, chance() % SOURCES);
        dmc_block_close(&b);
        dmc_edges_close(&e);
    }
    return 0;
}
