package website

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxLimiters bounds the names that one kind of limit is kept for.
const maxLimiters = 10_000

// limiters are rate limits by name. When there are too many names they all start
// anew, which is generous to some and bounded in memory.
type limiters struct {
	limit rate.Limit
	burst int

	mu sync.Mutex
	by map[string]*rate.Limiter
}

func newLimiters(perSecond rate.Limit, burst int) *limiters {
	return &limiters{limit: perSecond, burst: burst, by: map[string]*rate.Limiter{}}
}

// allow tells whether name may do it once more, and counts that it does.
func (l *limiters) allow(name string, now time.Time) bool { return l.of(name).AllowN(now, 1) }

// exhausted tells whether name has no more tries, without counting one.
func (l *limiters) exhausted(name string, now time.Time) bool { return l.of(name).TokensAt(now) < 1 }

func (l *limiters) of(name string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.by[name]
	if one == nil {
		if len(l.by) >= maxLimiters {
			clear(l.by)
		}
		one = rate.NewLimiter(l.limit, l.burst)
		l.by[name] = one
	}
	return one
}
