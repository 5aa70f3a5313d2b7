package nomp

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Redis is where NOMP keeps its books.
type Redis struct {
	Addr     string // host:port
	Password string // empty: none
	DB       int
}

// ErrRunning is returned for a NOMP that still counts shares: what it counts after it was
// read would be lost.
var ErrRunning = errors.New("NOMP still writes to its redis: stop it first")

// quiet is how long a NOMP must not have counted a share to be taken for stopped.
const quiet = time.Minute

// A Stock is what redis says of one pool, as it stands there.
type Stock struct {
	Balances map[string]string // by worker: coins owed
	Payouts  map[string]string // by worker: coins that were ever sent
	Pending  []string          // hash:transaction:height
	Rounds   map[string]map[string]string
	Current  map[string]string // by worker: sum of difficulties since the last block
	Counts   map[string]int64  // of what is not taken over
	Last     time.Time         // of the newest share; zero: none
	Now      time.Time         // redis's clock
}

// Running reports whether NOMP has counted a share just now.
func (s *Stock) Running() bool { return !s.Last.IsZero() && s.Now.Sub(s.Last) < quiet }

// ReadStock reads what redis has of the pools, by what their keys begin with.
func ReadStock(ctx context.Context, r Redis, pools []*Pool) (map[string]*Stock, error) {
	c := redis.NewClient(&redis.Options{Addr: r.Addr, Password: r.Password, DB: r.DB, MaxRetries: 1, DialTimeout: 5 * time.Second})
	defer c.Close() // nothing was written
	all := map[string]*Stock{}
	for _, p := range pools {
		s, err := readStock(ctx, c, p.Redis)
		if err != nil {
			return nil, fmt.Errorf("read the redis at %s: %w", r.Addr, err)
		}
		all[p.Redis] = s
	}
	return all, nil
}

func readStock(ctx context.Context, c *redis.Client, name string) (*Stock, error) {
	rounds, err := scan(ctx, c, name+":shares:round*")
	if err != nil {
		return nil, err
	}
	s := &Stock{Rounds: map[string]map[string]string{}, Counts: map[string]int64{}}
	byRound := map[string]*redis.MapStringStringCmd{}
	counts := map[string]*redis.IntCmd{}
	// All at one moment.
	t := c.TxPipeline()
	balances, payouts := t.HGetAll(ctx, name+":balances"), t.HGetAll(ctx, name+":payouts")
	pending := t.SMembers(ctx, name+":blocksPending")
	for _, key := range rounds {
		byRound[strings.TrimPrefix(key, name+":shares:round")] = t.HGetAll(ctx, key)
	}
	for _, set := range []string{"blocksConfirmed", "blocksOrphaned", "blocksKicked"} {
		counts[set] = t.SCard(ctx, name+":"+set)
	}
	newest, clock := t.ZRevRangeWithScores(ctx, name+":hashrate", 0, 0), t.Time(ctx)
	if _, err := t.Exec(ctx); err != nil {
		return nil, err
	}
	s.Balances, s.Payouts, s.Pending, s.Now = balances.Val(), payouts.Val(), pending.Val(), clock.Val()
	for round, cmd := range byRound {
		if round == "Current" {
			s.Current = cmd.Val()
		} else {
			s.Rounds[round] = cmd.Val()
		}
	}
	for set, cmd := range counts {
		s.Counts[set] = cmd.Val()
	}
	if z := newest.Val(); len(z) == 1 {
		s.Last = time.Unix(int64(z[0].Score), 0)
	}
	slices.SortFunc(s.Pending, byHeight)
	return s, nil
}

func scan(ctx context.Context, c *redis.Client, pattern string) ([]string, error) {
	found := map[string]bool{} // it may name a key twice
	for cursor := uint64(0); ; {
		keys, next, err := c.Scan(ctx, cursor, pattern, 1000).Result()
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			found[key] = true
		}
		if cursor = next; cursor == 0 {
			return slices.Sorted(maps.Keys(found)), nil
		}
	}
}

// byHeight orders entries of blocksPending.
func byHeight(a, b string) int {
	height := func(s string) int64 {
		n, _ := strconv.ParseInt(s[strings.LastIndexByte(s, ':')+1:], 10, 64)
		return n
	}
	if d := height(a) - height(b); d != 0 {
		return int(max(-1, min(1, d)))
	}
	return strings.Compare(a, b)
}
