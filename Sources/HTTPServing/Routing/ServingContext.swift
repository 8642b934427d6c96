package import Hummingbird
package import NIOCore

/// What goes with a request on its way: Hummingbird's own, and the connection that it came on.
package struct ServingContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    package let channel: any Channel
    /// Set before the request reaches its route.
    var trace: RequestTrace?

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
