#include "expand.h"

#include <stdlib.h>
#include <string.h>

int dmc_expander_open(struct dmc_expander *x, const struct dmc_model *model)
{
    memset(x, 0, sizeof *x);
    x->model = model;
    x->event = calloc(DMC_BATCH, sizeof *x->event);
    x->state = calloc((uint64_t)DMC_BATCH * model->cells + 1, sizeof *x->state);
    x->key = calloc((uint64_t)DMC_BATCH * model->words + 1, sizeof *x->key);
    x->effect = calloc((uint64_t)DMC_BATCH * model->effects + 1, sizeof *x->effect);
    x->now = calloc(model->cells + 1, sizeof *x->now);
    x->source = calloc(model->words + 1, sizeof *x->source);
    x->may_race = calloc(model->points + 1, sizeof *x->may_race);
    if (!x->event || !x->state || !x->key || !x->effect || !x->now || !x->source || !x->may_race)
        return 0;
    for (uint32_t point = 0; point < model->points; point++)
        x->may_race[point] = (uint8_t)dmc_may_race(model, point);
    return dmc_heap_open(&x->heap, model) && dmc_set_open(&x->between, model->words, model->bytes);
}

void dmc_expander_close(struct dmc_expander *x)
{
    free(x->event);
    free(x->state);
    free(x->key);
    free(x->effect);
    free(x->now);
    free(x->source);
    free(x->may_race);
    free(x->node);
    free(x->frame);
    free(x->frame_state);
    dmc_heap_close(&x->heap);
    dmc_set_close(&x->between);
}

/* An event with a place for a state; NULL if the search stops. */
static struct dmc_event *new_event(struct dmc_expander *x, uint32_t flags, uint32_t source, uint32_t node)
{
    struct dmc_event *event;

    if (x->events == DMC_BATCH && !x->full(x->context)) {
        x->stopped = 1;
        return NULL;
    }
    event = &x->event[x->events++];
    event->flags = flags;
    event->source = source;
    event->node = node;
    event->choice.thread = 0;
    event->outcome = 0;
    event->effects = 0;
    event->party = 0;
    event->state = x->states++;
    return event;
}

static void set_key(const struct dmc_expander *x, struct dmc_event *event)
{
    uint64_t *key = dmc_key(x, event->state);

    x->model->pack(dmc_state(x, event->state), key);
    event->hash = dmc_hash(key, x->model->words);
}

static int breaks(struct dmc_expander *x, uint32_t source, uint32_t what)
{
    struct dmc_event *event = new_event(x, DMC_BREAKS, source, DMC_ROOT);

    if (event)
        event->outcome = what;
    return 0;
}

static uint32_t new_node(struct dmc_expander *x, uint32_t parent, struct dmc_choice choice)
{
    if (!dmc_room((void **)&x->node, &x->node_room, x->nodes + 1, sizeof *x->node))
        return 0;
    x->node[x->nodes].parent = parent;
    x->node[x->nodes].choice = choice;
    return (uint32_t)x->nodes++;
}

static int push_frame(struct dmc_expander *x, const dmc_cell *s, uint32_t node, uint32_t thread)
{
    uint64_t cells = x->model->cells;

    if (!dmc_room((void **)&x->frame, &x->frame_room, x->frames + 1, sizeof *x->frame) ||
        !dmc_room((void **)&x->frame_state, &x->frame_state_room, (x->frames + 1) * cells + 1,
                  sizeof *x->frame_state))
        return 0;
    memcpy(x->frame_state + x->frames * cells, s, cells * sizeof *s);
    x->frame[x->frames].node = node;
    x->frame[x->frames].thread = thread;
    x->frames++;
    return 1;
}

/* Frames that were pushed in order come out in order. */
static void reverse_frames(struct dmc_expander *x, uint64_t first)
{
    uint64_t cells = x->model->cells;

    for (uint64_t low = first, high = x->frames; low + 1 < high; low++) {
        struct dmc_frame frame = x->frame[low];
        dmc_cell *a = x->frame_state + low * cells, *b = x->frame_state + --high * cells;

        x->frame[low] = x->frame[high];
        x->frame[high] = frame;
        for (uint64_t i = 0; i < cells; i++) {
            dmc_cell cell = a[i];

            a[i] = b[i];
            b[i] = cell;
        }
    }
}

/* Whether the thread goes on at once from the state. */
static int goes_on(const struct dmc_expander *x, const dmc_cell *s, const struct dmc_thread *t)
{
    const struct dmc_model *m = x->model;
    uint32_t point = (uint32_t)s[t->base];

    if (!x->fusion || !x->fusion->plan->fused[point])
        return 0;
    for (uint32_t i = m->first_step[point]; i < m->first_step[point + 1]; i++)
        if (dmc_enabled(&m->step[i], s, t))
            return 1;
    return 0;
}

/* Keep the state between for this source, once; 0 if there is no memory. */
static int pass(struct dmc_expander *x, struct dmc_event *event, const struct dmc_thread *t)
{
    uint32_t node = new_node(x, event->node, event->choice);

    event->flags |= DMC_PASSES;
    return node &&
           dmc_set_add(&x->between, dmc_key(x, event->state), event->hash, UINT64_MAX) != DMC_NONE &&
           push_frame(x, dmc_state(x, event->state), node, t->number - 1);
}

/* Take a step; `ended` is set if it ends the run. Whether to go on. */
static int take(struct dmc_expander *x, uint32_t source, uint32_t node, const struct dmc_thread *t,
                const struct dmc_step *step, int *ended)
{
    const struct dmc_model *m = x->model;
    struct dmc_event *event;
    struct dmc_effects effects;
    dmc_cell *after;
    uint32_t broken = DMC_PROTECTED;

    if (x->watching && (broken = dmc_fusion_witness(x->fusion, x->now, t, step)) != DMC_PROTECTED)
        return breaks(x, source, broken);
    event = new_event(x, DMC_COUNTS, source, node);
    if (!event)
        return 0;
    event->choice.thread = t->number;
    event->choice.alternative = step->alternative;
    event->party = step->party;
    after = dmc_state(x, event->state);
    memcpy(after, x->now, m->cells * sizeof *after);
    effects.covered = x->covered;
    effects.items = x->effect + x->effects;
    effects.count = 0;
    event->outcome = step->body(after, t, &effects);
    event->first_effect = x->effects;
    event->effects = effects.count;
    x->effects += effects.count;
    if (event->outcome) {
        event->flags |= DMC_ENDS_RUN;
        *ended = 1;
    } else if ((step->flags & DMC_CHANGES_HEAP) &&
               (event->lost = dmc_heap_collect(&x->heap, after, x->renumber)) != 0) {
        event->flags |= DMC_LOSES;
    }
    if (x->watching && (broken = dmc_fusion_taken(x->fusion, x->now, t, step, after)) != DMC_PROTECTED)
        return breaks(x, source, broken);
    if (event->outcome)
        return 1;
    set_key(x, event);
    if (step->flags & DMC_SPURIOUS) {
        event->flags |= DMC_REACHES;
        return 1;
    }
    if (!x->fusion) {
        event->flags |= DMC_REACHES | DMC_IS_EDGE;
        return 1;
    }
    if (dmc_set_find(&x->between, dmc_key(x, event->state), event->hash) != DMC_NONE)
        return 1;
    if (goes_on(x, after, t))
        return pass(x, event, t);
    event->flags |= DMC_REACHES | DMC_IS_EDGE;
    return 1;
}

/* Take every step of a thread from `now`. */
static int take_all(struct dmc_expander *x, uint32_t source, uint32_t node, const struct dmc_thread *t,
                    int *ended)
{
    const struct dmc_model *m = x->model;
    uint32_t point = (uint32_t)x->now[t->base];

    for (uint32_t i = m->first_step[point]; i < m->first_step[point + 1]; i++)
        if (dmc_enabled(&m->step[i], x->now, t) && !take(x, source, node, t, &m->step[i], ended))
            return 0;
    return 1;
}

/* The state between is kept after all: what other threads do before the run ends must be seen. */
static int keep(struct dmc_expander *x, uint32_t source, uint32_t node)
{
    struct dmc_event *event = new_event(x, DMC_REACHES | DMC_IS_EDGE, source, x->node[node].parent);

    if (!event)
        return 0;
    event->choice = x->node[node].choice;
    memcpy(dmc_state(x, event->state), x->now, x->model->cells * sizeof *x->now);
    set_key(x, event);
    return 1;
}

static int expand_frame(struct dmc_expander *x, uint32_t source, struct dmc_frame frame)
{
    const struct dmc_model *m = x->model;
    uint64_t first = x->frames;
    int ended = 0;

    for (uint32_t i = 0; i < m->threads; i++)
        if (frame.thread == m->threads || frame.thread == i)
            if (!take_all(x, source, frame.node, &m->thread[i], &ended))
                return 0;
    if (ended && frame.node != DMC_ROOT && !keep(x, source, frame.node))
        return 0;
    reverse_frames(x, first);
    return 1;
}

static int begin(struct dmc_expander *x, uint32_t source)
{
    struct dmc_event *event = new_event(x, DMC_BEGINS, source, DMC_ROOT);

    if (!event)
        return 0;
    if (x->racing && dmc_find_race(x->model, x->may_race, x->now, &x->race)) {
        event->flags |= DMC_HAS_RACE;
        x->racing = 0;
    }
    return 1;
}

int dmc_expand(struct dmc_expander *x, uint32_t source, const uint64_t *key)
{
    struct dmc_frame frame = {DMC_ROOT, x->model->threads};
    struct dmc_choice none = {0, 0};

    x->frames = 0;
    x->stopped = 0;
    if (!x->events)
        x->nodes = 0;
    if (!x->nodes && (new_node(x, 0, none), !x->nodes))
        return 0;
    x->model->unpack(key, x->now);
    if (!begin(x, source))
        return 0;
    if (!x->fusion)
        return expand_frame(x, source, frame);
    if (x->watching)
        dmc_fusion_begin(x->fusion, x->now);
    dmc_set_clear(&x->between);
    for (;;) {
        if (!expand_frame(x, source, frame))
            return 0;
        if (!x->frames)
            return 1;
        frame = x->frame[--x->frames];
        memcpy(x->now, x->frame_state + x->frames * x->model->cells, x->model->cells * sizeof *x->now);
    }
}

int dmc_start(struct dmc_expander *x, uint32_t initial)
{
    struct dmc_event *event = new_event(x, DMC_STARTS | DMC_REACHES, initial, DMC_ROOT);
    dmc_cell *s;

    if (!event)
        return 0;
    s = dmc_state(x, event->state);
    memcpy(s, x->model->initial + (uint64_t)initial * x->model->cells, x->model->cells * sizeof *s);
    (void)dmc_heap_collect(&x->heap, s, x->renumber);
    set_key(x, event);
    return 1;
}
