/* Searches a generated model to its end and prints states, transitions and depth. */
#include <string.h>

#include "expect.h"
#include "search.h"

const struct dmc_model *dmc_model(void);

int main(int argc, char **argv)
{
    struct dmc_options options = {.version = DMC_SEARCH_VERSION, .graph = 1, .depth = UINT32_MAX,
                                  .states = UINT64_MAX, .bytes = UINT64_MAX};
    struct dmc_statistics found;
    struct dmc_choice path[4096];
    struct dmc_search *search;
    uint32_t status, start;

    options.renumber = argc > 1 && strcmp(argv[1], "heap") == 0;
    search = dmc_open(dmc_model(), &options);
    EXPECT(search);
    while ((status = dmc_step(search, 100)) == DMC_RUNNING)
        ;
    EXPECT(status == DMC_COMPLETE);
    dmc_get_statistics(search, &found);
    EXPECT(dmc_get_path(search, (uint32_t)(found.states - 1), path, 4096, &start) <= found.depth);
    printf("%llu %llu %llu\n", (unsigned long long)found.states, (unsigned long long)found.transitions,
           (unsigned long long)found.depth);
    dmc_close(search);
    return 0;
}
