import HTTPServing
import Orders
import Synchronization

/// Bounds how many streams one customer, or one IP address by links, has open at a time.
final class OpenStreams: Sendable {
    /// A place that is taken until its stream ends.
    final class Place: Sendable {
        private let isTaken: Mutex<Bool>
        private let free: @Sendable () -> Void

        fileprivate init(isTaken: Bool, _ free: @escaping @Sendable () -> Void) {
            self.isTaken = Mutex(isTaken)
            self.free = free
        }

        func leave() {
            let wasTaken = isTaken.withLock { isTaken in
                defer { isTaken = false }
                return isTaken
            }
            if wasTaken { free() }
        }

        deinit { leave() }
    }

    private struct Holder: Hashable {
        let storeID: StoreID
        let name: String
    }

    private let isLimited: Bool
    private let counts = Mutex<[Holder: Int]>([:])

    /// Enough for some devices with some pages each, and for the visitors behind one address.
    private static let most = 100

    init(isLimited: Bool) { self.isLimited = isLimited }

    /// - Throws: ``Failure`` if all places are taken.
    func place(for name: String, in storeID: StoreID) throws(Failure) -> Place {
        let holder = Holder(storeID: storeID, name: name)
        guard isLimited else { return Place(isTaken: false) {} }
        let isFree = counts.withLock { counts in
            guard counts[holder, default: 0] < Self.most else { return false }
            counts[holder, default: 0] += 1
            return true
        }
        guard isFree else { throw .tooManyRequests(seconds: 60) }
        return Place(isTaken: true) { [weak self] in
            self?.counts.withLock { counts in
                counts[holder, default: 1] -= 1
                if counts[holder] == 0 { counts[holder] = nil }
            }
        }
    }
}
