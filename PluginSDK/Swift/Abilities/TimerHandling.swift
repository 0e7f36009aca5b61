/// A provisioner that has itself called back (`context.timers`).
public protocol TimerHandling: Provisioner {
    /// A timer has fallen due. It may be heard twice if the node or the plugin ends at that moment.
    func timer(_ timer: FiredTimer<Data>, in context: Context) async throws
}
