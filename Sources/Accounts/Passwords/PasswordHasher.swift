import Foundation
import Synchronization

/// Hashes passwords on separate threads, few at once: each takes much memory and a good part of a second.
package final class PasswordHasher: Sendable {
    /// Too many passwords are waiting, or there is not enough memory for another one.
    package struct Overloaded: Error {}

    /// The maximum number of concurrent hashes.
    private static let concurrent = 2

    private let parameters: PasswordHash.Parameters
    private let capacity: Int
    private let queue: OperationQueue
    private let count = Atomic<Int>(0)
    /// The hash to compare with if there is no other, so that the comparison takes just as long.
    private let decoy: PasswordHash

    /// - Parameter waiting: the maximum number of waiting passwords.
    package init(_ parameters: PasswordHash.Parameters = .owasp, waiting: Int = 32) {
        self.parameters = parameters
        capacity = Self.concurrent + waiting
        queue = OperationQueue()
        queue.maxConcurrentOperationCount = Self.concurrent
        decoy = PasswordHash(decoyOf: parameters)
    }

    /// - Throws: ``Overloaded``.
    package func hash(_ password: Password) async throws(Overloaded) -> PasswordHash {
        let parameters = parameters
        return try await run { PasswordHash(password, parameters) }
    }

    /// Whether `hash` is the hash of the password. Without a hash the result is `false` and takes just as long.
    /// - Throws: ``Overloaded``.
    package func matches(_ password: Password, _ hash: PasswordHash?) async throws(Overloaded) -> Bool {
        let decoy = decoy
        return try await run { (hash ?? decoy).matches(password) } && hash != nil
    }

    /// Whether the hash has other parameters than a new one would have.
    package func isOutdated(_ hash: PasswordHash) -> Bool { hash.parameters != parameters }

    private func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value?) async throws(Overloaded) -> Value {
        guard count.wrappingAdd(1, ordering: .relaxed).newValue <= capacity else {
            count.wrappingSubtract(1, ordering: .relaxed)
            throw Overloaded()
        }
        defer { count.wrappingSubtract(1, ordering: .relaxed) }
        let value = await withCheckedContinuation { continuation in
            queue.addOperation { continuation.resume(returning: work()) }
        }
        guard let value else { throw Overloaded() }
        return value
    }
}
