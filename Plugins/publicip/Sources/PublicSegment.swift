import Netlink
import PluginSDK

/// The bridge for public addresses, in a namespace of the plugin's own, with the operator's exit as a port.
struct PublicSegment: Sendable {
    let context: Context

    /// Makes what is missing and returns what the operator has configured for the exit.
    func ensure() async throws -> ExitLink {
        try await context.namespaces.create(PublicNames.namespace)
        try await context.segments.create(PublicNames.segment, in: PublicNames.namespace)
        try await withFilter { try SpoofFilter.ensureTable($0) }
        return try await context.segments.attach(exit: .public, to: PublicNames.segment, as: PublicNames.exit)
    }

    /// Works on the filter rules of the bridge.
    func withFilter<Value>(_ body: (FilterNetlink) throws -> Value) async throws -> Value {
        let descriptor = try await context.namespaces.netlink(.netfilter, in: PublicNames.namespace)
        return try withExtendedLifetime(descriptor) { try body(FilterNetlink(descriptor: descriptor.number)) }
    }
}
