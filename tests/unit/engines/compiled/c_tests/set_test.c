/* The visited set: numbers in order, growth, budgets. */
#include "set.h"

#include "expect.h"

static void key_of(uint64_t *key, uint32_t words, uint64_t i)
{
    for (uint32_t w = 0; w < words; w++)
        key[w] = i * (w + 1) ^ (uint64_t)(w + 1 < words) << 40;
}

static void numbers_in_order(uint32_t words, uint32_t bytes, uint64_t count)
{
    struct dmc_set set;
    uint64_t key[4], again[4];

    EXPECT(dmc_set_open(&set, words, bytes));
    for (uint64_t i = 0; i < count; i++) {
        key_of(key, words, i);
        EXPECT(dmc_set_find(&set, key, dmc_hash(key, words)) == DMC_NONE);
        EXPECT(dmc_set_add(&set, key, dmc_hash(key, words), UINT64_MAX) == i);
    }
    EXPECT(set.keys.count == count);
    for (uint64_t i = 0; i < count; i++) {
        key_of(key, words, i);
        EXPECT(dmc_set_find(&set, key, dmc_hash(key, words)) == i);
        dmc_set_key(&set, i, again);
        EXPECT(memcmp(again, key, words * sizeof *key) == 0);
    }
    dmc_set_clear(&set);
    EXPECT(dmc_set_find(&set, key, dmc_hash(key, words)) == DMC_NONE);
    EXPECT(dmc_set_add(&set, key, dmc_hash(key, words), UINT64_MAX) == 0);
    dmc_set_close(&set);
}

/* Some states of one hash, not so many that the table grows: they are still told apart. */
static void equal_hashes(void)
{
    struct dmc_set set;

    EXPECT(dmc_set_open(&set, 1, 8));
    for (uint64_t i = 0; i < 30; i++)
        EXPECT(dmc_set_add(&set, &i, 7, UINT64_MAX) == i);
    for (uint64_t i = 0; i < 30; i++)
        EXPECT(dmc_set_find(&set, &i, 7) == i);
    dmc_set_close(&set);
}

/* The budget is nearly used up, and never exceeded. */
static void stays_in_budget(uint64_t budget)
{
    struct dmc_set set;
    uint64_t i = 0;

    EXPECT(dmc_set_open(&set, 1, 8));
    while (dmc_set_add(&set, &i, dmc_hash(&i, 1), budget) != DMC_NONE) {
        EXPECT(dmc_set_bytes(&set) <= budget);
        i++;
    }
    EXPECT(dmc_set_bytes(&set) * 2 > budget);
    for (uint64_t k = 0; k < i; k++)
        EXPECT(dmc_set_find(&set, &k, dmc_hash(&k, 1)) == k);
    dmc_set_close(&set);
}

int main(void)
{
    numbers_in_order(1, 8, 200000);
    numbers_in_order(1, 3, 3000000);
    numbers_in_order(3, 24, 50000);
    numbers_in_order(3, 19, 700000);
    equal_hashes();
    for (uint64_t budget = 10000; budget < 3000000; budget = budget * 5 / 4)
        stays_in_budget(budget);
    return 0;
}
