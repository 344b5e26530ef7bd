/* How a state was reached: the sources of the block in which it was born are taken up once more. */
#include <string.h>

#include "under_way.h"

static int add_step(struct dmc_search *search, uint32_t thread, uint32_t step)
{
    if (!dmc_room((void **)&search->steps, &search->step_room, search->step_count + 1, sizeof *search->steps))
        return 0;
    search->steps[search->step_count++] = dmc_choice_of(search->model, thread, step);
    return 1;
}

/* While a path is looked for: the steps to the first event that reaches the wanted state. */
static int look(void *context)
{
    struct dmc_search *search = context;
    struct dmc_expander *x = &search->expander;
    size_t bytes = search->model->words * sizeof(uint64_t);

    for (uint32_t i = 0; i < x->batch.events && !search->path_found; i++) {
        const struct dmc_event *event = &x->batch.event[i];

        if (!(event->flags & DMC_REACHES) || memcmp(dmc_state(x, event), search->wanted, bytes) != 0)
            continue;
        search->path_found = add_step(search, event->thread, event->step);
        for (uint32_t n = event->node; search->path_found && n != DMC_ROOT; n = x->node[n].parent)
            search->path_found = add_step(search, x->node[n].thread, x->node[n].step);
    }
    dmc_empty(x);
    return !search->path_found;
}

/* The block of sources in which the state was reached. */
static uint64_t block_of(const struct dmc_search *search, uint32_t number)
{
    uint64_t low = 0, high = search->births.count;

    while (low + 1 < high) {
        uint64_t middle = low + (high - low) / 2;

        if (dmc_number(&search->births, middle) <= number)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The source that reached the state first, with the steps from there, last first; DMC_NONE if none does. */
static uint32_t look_back(struct dmc_search *search, uint32_t number)
{
    uint64_t source = block_of(search, number) * DMC_BIRTHS, end = source + DMC_BIRTHS;

    dmc_set_key(&search->visited, number, search->wanted);
    search->path_found = 0;
    dmc_empty(&search->expander);
    for (; source < end && source < search->visited.keys.count; source++) {
        if (dmc_take_up(search, (uint32_t)source))
            (void)look(search);
        if (search->path_found)
            return (uint32_t)source;
        dmc_empty(&search->expander);
    }
    return DMC_NONE;
}

uint64_t dmc_get_path(struct dmc_search *search, uint32_t number, struct dmc_choice *choices, uint64_t room,
                      uint32_t *initial)
{
    struct dmc_expander *x = &search->expander;

    x->full = look;
    x->racing = x->watching = 0;
    search->step_count = 0;
    while (number >= search->starts)
        if ((number = look_back(search, number)) == DMC_NONE)
            return UINT64_MAX;
    *initial = search->initial[number];
    for (uint64_t i = 0; i < search->step_count && i < room; i++)
        choices[i] = search->steps[search->step_count - 1 - i];
    return search->step_count;
}
