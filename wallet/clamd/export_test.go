package clamd

// Judge is judge, for its fuzz target.
func Judge(answer string, sent int64) Result { return judge(clean([]byte(answer)), sent) }
