import CXXHash
import JSON
package import Orders

/// A document in a row, which is stored with a checksum: damaged bytes never leave the storage.
///
/// The checksum covers what the row is about too, so a document in another row's place is noticed. It follows the document: a mark,
/// which JSON never contains, and 16 hexadecimal digits.
package enum StoredDocument: Sendable {
    /// A buyer's order.
    case order(OrderID, of: Buyer, version: Int64)
    /// A merchant's order.
    case merchantOrder(OrderID, in: StoreID)
    /// A store, as buyers see it.
    case store(StoreID, version: Int64)
    /// A store, as its merchant sent it.
    case merchantStore(StoreID)
    case customer(Buyer, version: Int64)
    /// A customer's address, by its number.
    case address(Int64, of: Buyer)

    static let mark: UInt8 = 0x05
    /// The bytes that follow a document.
    package static let sealLength = 17

    /// The bytes to store.
    package func sealed(_ document: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(document.count + Self.sealLength)
        bytes += document
        bytes.append(Self.mark)
        Self.withDigits(of: checksum(of: document.span.bytes)) { bytes += $0 }
        return bytes
    }

    /// The document in stored bytes. Those of earlier versions have no checksum; they are only checked to be JSON objects.
    /// - Throws: ``StorageFailure/damagedDocument(_:)``.
    package func opened(_ stored: consuming [UInt8]) throws(StorageFailure) -> [UInt8] {
        guard isSealed(stored) else {
            guard isWellFormed(stored) else { throw .damagedDocument(name) }
            return stored
        }
        let length = stored.count - Self.sealLength
        let isIntact = Self.withDigits(of: checksum(of: stored.span.extracting(first: length).bytes)) {
            $0.elementsEqual(stored[(length + 1)...])
        }
        guard isIntact else { throw .damagedDocument(name) }
        stored.removeLast(Self.sealLength)
        return stored
    }

    /// Whether stored bytes have a checksum, right or wrong.
    package func isSealed(_ stored: [UInt8]) -> Bool {
        stored.count > Self.sealLength && stored[stored.count - Self.sealLength] == Self.mark
    }

    private func isWellFormed(_ stored: [UInt8]) -> Bool {
        guard stored.first == UInt8(ascii: "{"), stored.last == UInt8(ascii: "}") else { return false }
        var json = stored
        if case .order = self {
            json = []
            OrderDocument(template: stored).join(store: Array("0".utf8), customer: Array("0".utf8), publicURL: nil, onto: &json)
        }
        return (try? JSONText(json)) != nil
    }

    private func checksum(of document: RawSpan) -> UInt64 {
        let (kind, storeID, numbers): (UInt64, StoreID, (UInt64, UInt64, UInt64, UInt64)) =
            switch self {
            case .order(let id, let buyer, let version):
                (1, buyer.storeID, (id.uuid.high, id.uuid.low, buyer.customerID.bits, UInt64(bitPattern: version)))
            case .merchantOrder(let id, let storeID): (2, storeID, (id.uuid.high, id.uuid.low, 0, 0))
            case .store(let storeID, let version): (3, storeID, (0, 0, 0, UInt64(bitPattern: version)))
            case .merchantStore(let storeID): (4, storeID, (0, 0, 0, 0))
            case .customer(let buyer, let version):
                (5, buyer.storeID, (0, 0, buyer.customerID.bits, UInt64(bitPattern: version)))
            case .address(let number, let buyer):
                (6, buyer.storeID, (UInt64(bitPattern: number), 0, buyer.customerID.bits, 0))
            }
        var storeText = storeID.text
        let parts: InlineArray<7, UInt64> = [
            kind, storeText.withUTF8 { cxxhash($0.baseAddress, $0.count) }, numbers.0, numbers.1, numbers.2, numbers.3,
            document.withUnsafeBytes { cxxhash($0.baseAddress, $0.count) },
        ]
        return parts.span.bytes.withUnsafeBytes { cxxhash($0.baseAddress, $0.count) }
    }

    /// For the operator. It says what the document belongs to, and nothing of what is in it.
    private var name: String {
        switch self {
        case .order(let id, let buyer, _): "order \(id) of store \(buyer.storeID.text)"
        case .merchantOrder(let id, let storeID): "the merchant's order \(id) of store \(storeID.text)"
        case .store(let storeID, _): "store \(storeID.text)"
        case .merchantStore(let storeID): "the merchant's store \(storeID.text)"
        case .customer(let buyer, _): "customer \(buyer.customerID) of store \(buyer.storeID.text)"
        case .address(let number, let buyer): "address \(number) of customer \(buyer.customerID) of store \(buyer.storeID.text)"
        }
    }

    private static func withDigits<Result>(of checksum: UInt64, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16) { digits in
            for position in 0..<16 {
                let value = UInt8(truncatingIfNeeded: checksum >> UInt64(60 - 4 * position)) & 0x0F
                digits[position] = value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
            }
            return body(UnsafeBufferPointer(digits))
        }
    }
}

extension Buyer {
    /// The JSON of a row of `customer`.
    /// - Throws: ``StorageFailure/damagedDocument(_:)``, ``StorageFailure/damaged``.
    func customer(document: StoredValue, version: StoredValue) throws -> [UInt8] {
        try StoredDocument.customer(self, version: version.requiredInteger()).opened(document.requiredBytes())
    }
}

extension CustomerID {
    fileprivate var bits: UInt64 { UInt64(bitPattern: number) }
}
