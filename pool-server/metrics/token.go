package metrics

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
)

// WithToken answers with h only those who bring the token, as
// "Authorization: Bearer TOKEN"; the others get 401.
func WithToken(token string, h http.Handler) http.Handler {
	want := sha256.Sum256([]byte(token)) // of one length, so that the time says nothing
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		brought, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		have := sha256.Sum256([]byte(brought))
		if !isBearer || subtle.ConstantTimeCompare(want[:], have[:]) != 1 {
			w.Header().Set("WWW-Authenticate", `Bearer realm="metrics"`)
			http.Error(w, "the metrics' token is needed", http.StatusUnauthorized)
			return
		}
		h.ServeHTTP(w, r)
	})
}
