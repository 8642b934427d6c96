package import Hummingbird
package import NIOCore

/// The context of a request: Hummingbird's own, and the connection.
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
