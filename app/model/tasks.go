package model

import (
	"context"
	"sync"
)

// taskKind is a kind of work that runs beside the engine's loop.
type taskKind int

// taskName names such work; of each name there is one at a time. That there is one
// mining program on a device is owed to this: its name is the device's id.
type taskName struct {
	kind taskKind
	of   string // a device, a program; empty where there is one of its kind
}

const (
	openKey taskKind = iota
	detect
	sense
	ask
	report
	save
	spend
	sweep
	look
	stock
	fetch
	remember
	page
	bundle
	checkup
	record
	login
	payees
	mine
)

// task is work that the state asks for. spec tells it from another of its kind
// and is comparable; when it changes, the old work is stopped before the new one
// starts.
type task struct {
	name taskName
	spec any
	work func(ctx context.Context, emit func(Event))
}

type running struct {
	spec   any
	cancel context.CancelFunc
}

// taskDone is a task's last event. It comes behind what the task told, on the same
// way, so that nobody starts the task again before its outcome is known.
type taskDone struct{ name taskName }

func (taskDone) event() {}

// tasks are those that run. They belong to the engine's loop.
type tasks struct {
	run   map[taskName]running
	group sync.WaitGroup
}

// reconcile makes the running tasks those that s asks for. What is stopped here
// goes on until it says that it is done; only then its name is free again.
func (e *Engine) reconcile(ctx context.Context, t *tasks, s State) {
	wanted := map[taskName]task{}
	for _, w := range e.wanted(s) {
		wanted[w.name] = w
	}
	for name, r := range t.run {
		if w, ok := wanted[name]; !ok || w.spec != r.spec {
			r.cancel()
		}
	}
	for name, w := range wanted {
		if _, busy := t.run[name]; !busy {
			e.launch(ctx, t, w)
		}
	}
}

func (e *Engine) launch(ctx context.Context, t *tasks, w task) {
	taskCtx, cancel := context.WithCancel(ctx)
	t.run[w.name] = running{spec: w.spec, cancel: cancel}
	emit := func(ev Event) { e.Do(ctx, ev) } // even when the task is cancelled: its end is news
	t.group.Go(func() {
		w.work(taskCtx, emit)
		emit(taskDone{w.name})
	})
}

func (t *tasks) ended(d taskDone) {
	t.run[d.name].cancel()
	delete(t.run, d.name)
}

// wait returns when every task is gone. Their context is done by then.
func (t *tasks) wait() {
	t.group.Wait()
	for _, r := range t.run {
		r.cancel()
	}
}
