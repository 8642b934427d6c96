/// A picture that somebody is about to send, or has sent, as a proof of transfer.
package struct ProofUpload: Equatable, Sendable {
    package let storeID: StoreID
    /// Its name in the storage of files. Who has it may see the picture.
    package let key: FileKey
    package let orderID: OrderID
    package let contentType: String
    /// As the sender called it: for show only.
    package let filename: String
    /// The size that was announced, in bytes.
    package let announcedSize: Int64
    package let announcedAt: Timestamp
    /// The size of the file that is kept; `nil` as long as it has not come.
    package let size: Int64?
    /// From when on it is removed; `nil` once its order has it.
    package let expiresAt: Timestamp?

    /// For how long somebody may send it, in seconds.
    package static let timeToSend: Int64 = 15 * 60
    /// For how long it is kept, in seconds, unless the order gets it.
    package static let timeToUse: Int64 = 86_400

    package init(
        _ key: FileKey, of orderID: OrderID, in storeID: StoreID, contentType: String, filename: String, announcedSize: Int64,
        announcedAt: Timestamp, size: Int64? = nil, expiresAt: Timestamp?
    ) {
        self.storeID = storeID
        self.key = key
        self.orderID = orderID
        self.contentType = contentType
        self.filename = filename
        self.announcedSize = announcedSize
        self.announcedAt = announcedAt
        self.size = size
        self.expiresAt = expiresAt
    }

    /// Whether it is still there.
    package func isThere(at time: Timestamp) -> Bool { expiresAt.map { time < $0 } ?? true }
}

/// The name of a kept file: 256 bits in URL-safe base64, which nobody guesses.
package struct FileKey: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package static let length = 43

    /// `nil` if it is none.
    package init?(_ text: String) {
        let isAllowed = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isAllowed, text.utf8.count == Self.length else { return nil }
        self.text = text
    }

    package var description: String { text }
}

/// Keeps what is known of uploads. Every method throws only ``StorageFailure``.
package protocol ProofStorage: Sendable {
    /// Keeps an upload that was announced, unless its order has `limit` that are still there.
    /// - Returns: whether it is kept.
    func announce(_ upload: ProofUpload, limit: Int) async throws -> Bool

    /// What is known of a file; `nil` if there is nothing of it any more.
    func upload(_ key: FileKey, in storeID: StoreID, at time: Timestamp) async throws -> ProofUpload?

    /// Lets one sender alone keep the file, until a time.
    /// - Returns: false if it is kept already, somebody else is about to, or nothing of it is there any more.
    func claimUpload(_ key: FileKey, in storeID: StoreID, until end: Timestamp, at time: Timestamp) async throws -> Bool

    /// Notes that the file is kept, by who has claimed it.
    /// - Parameter expiresAt: from when on it is removed, unless its order gets it.
    /// - Returns: false if nothing of it is there any more.
    func keepUpload(
        _ key: FileKey, in storeID: StoreID, size: Int64, until expiresAt: Timestamp, at time: Timestamp
    ) async throws -> Bool

    /// Lets others claim it, because it could not be kept.
    func releaseUpload(_ key: FileKey, in storeID: StoreID) async throws

    /// Notes that an order has it, so that it does not expire.
    /// - Returns: false if it is none of the order's, or not there.
    func useUpload(_ key: FileKey, of orderID: OrderID, in storeID: StoreID, at time: Timestamp) async throws -> Bool

    /// Those of all stores that are to be removed, the earliest first.
    func expiredUploads(at time: Timestamp, limit: Int) async throws -> [ProofUpload]

    /// Removes what is known of a file, after the file itself.
    func removeUpload(_ key: FileKey, in storeID: StoreID) async throws
}
