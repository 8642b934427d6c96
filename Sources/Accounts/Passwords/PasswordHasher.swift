import Foundation
import Synchronization

/// Hashes passwords on threads of its own, few at once: each takes much memory and a good part of a second.
package final class PasswordHasher: Sendable {
    /// More are waiting than are let in, or there is no memory for another one.
    package struct Overloaded: Error {}

    /// As many are hashed at once at the most.
    private static let concurrent = 2

    private let parameters: PasswordHash.Parameters
    private let capacity: Int
    private let queue: OperationQueue
    private let count = Atomic<Int>(0)
    /// What a password is held against where there is no other hash, so that it takes as long as if there were.
    private let decoy: PasswordHash

    /// - Parameter waiting: how many may wait for their turn at the most.
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

    /// Whether `hash` is the password's; where there is none it takes as long and is not.
    /// - Throws: ``Overloaded``.
    package func matches(_ password: Password, _ hash: PasswordHash?) async throws(Overloaded) -> Bool {
        let decoy = decoy
        return try await run { (hash ?? decoy).matches(password) } && hash != nil
    }

    /// Whether a hash was made with less than a new one would be.
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
