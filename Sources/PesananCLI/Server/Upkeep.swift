import Logging
import Orders
import ServiceLifecycle

/// Makes ready what the orders of the coming months need, at the start and from then on twice a day.
struct Upkeep: Service {
    let storage: any OrderStorage
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                var pause = Duration.seconds(12 * 3600)
                do {
                    try await storage.prepareAhead(of: .now)
                } catch {
                    logger.error("the coming months could not be prepared", metadata: ["reason": .string("\(error)")])
                    pause = .seconds(60)
                }
                try? await Task.sleep(for: pause)
            }
        }
    }
}
