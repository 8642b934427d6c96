import Foundation
import NIOCore
import NIOPosix

extension Settings {
    /// Runs a server, and says in the operator's words why it can't listen.
    /// - Throws: ``OperatorError``, or whatever else `run` throws.
    func explainingWhyNotListening(_ run: () async throws -> Void) async throws {
        do {
            try await run()
        } catch let error as IOError {
            throw cannotListen(
                error.errnoCode == EADDRINUSE ? "it is in use already" : String(cString: strerror(error.errnoCode)))
        } catch is SocketAddressError.UnknownHost {
            throw cannotListen("there is no such address")
        } catch is SocketAddressError {
            throw cannotListen("there is no such address")
        }
    }

    private func cannotListen(_ reason: String) -> OperatorError {
        OperatorError("\(host):\(port) can't be listened on: \(reason); choose another with --port or --host")
    }
}
