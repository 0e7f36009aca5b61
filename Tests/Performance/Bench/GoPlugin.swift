/// What HashiCorp's go-plugin 1.0.1 needs on the same kind of machine (docs/spec/plugin-runtime-facts.md section 5): not measured
/// here, for the comparison.
enum GoPlugin {
    static let call = Measurement.Figure("for comparison: go-plugin, call p50", 49, "µs")
    static let slowCall = Measurement.Figure("for comparison: go-plugin, call p99", 136, "µs")
    /// One call after the other; its pipelined calls were not measured.
    static let callsPerSecond = Measurement.Figure(
        "for comparison: go-plugin, one call after the other", 1e6 / 49, "/s")
    /// MiB of proportional set size.
    static let memory = Measurement.Figure("for comparison: go-plugin, a plugin", 10, "MiB")
}
