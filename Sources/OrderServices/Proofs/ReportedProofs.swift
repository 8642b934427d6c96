import Foundation
import JSON
package import Orders

/// Tells the pictures that were sent here, as proofs of transfer, from those that are elsewhere.
package struct ReportedProofs: Sendable {
    private let uploads: any ProofStorage
    private let base: @Sendable () -> String

    /// - Parameter base: the URL at which this service is reached.
    package init(uploads: any ProofStorage, base: @escaping @Sendable () -> String) {
        self.uploads = uploads
        self.base = base
    }

    /// Where a picture can be seen.
    package func address(of key: FileKey, in storeID: StoreID) -> String { "\(files(of: storeID))\(key)" }

    /// Where a picture is sent to.
    package func uploadAddress(_ token: String, in storeID: StoreID) -> String {
        "\(base())/v3/stores/\(storeID)/public/uploads/\(token)"
    }

    private static func isSameHost(_ url: String, _ base: String) -> Bool {
        guard let given = URLComponents(string: url), let own = URLComponents(string: base) else { return false }
        func place(_ parts: URLComponents) -> [String] {
            let usual = parts.scheme?.lowercased() == "http" ? 80 : 443
            return [parts.host?.lowercased() ?? "", String(parts.port ?? usual)]
        }
        return place(given) == place(own)
    }

    private func files(of storeID: StoreID) -> String { "\(base())/v3/stores/\(storeID)/public/files/" }

    /// The picture that a report gives, which the order keeps from then on; `nil` if it gives none.
    /// - Throws: ``Failure/invalidContent(_:)`` if it would be one of ours, and was not sent for this order; ``StorageFailure``.
    func proof(
        in payment: ReportedPayment, of orderID: OrderID, in storeID: StoreID, at time: Timestamp
    ) async throws -> TransferProof? {
        let given = payment.fields.first { $0.name == "transferproof_url" }
        guard case .string(let url)? = given?.value else { return nil }
        // Whatever is at our own address is one of ours, or a mistake, however it is spelt.
        guard Self.isSameHost(url, base()) else {
            return TransferProof(url, contentType: nil, size: nil, at: time)
        }
        guard url.hasPrefix(files(of: storeID)), let key = FileKey(String(url.dropFirst(files(of: storeID).count))),
            let upload = try await uploads.upload(key, in: storeID, at: time),
            // Before the order is written: nothing that an order has may expire.
            try await uploads.useUpload(key, of: orderID, in: storeID, at: time)
        else {
            throw Failure.invalidContent([FieldError("transferproof_url", "is no picture that was sent for this order")])
        }
        return TransferProof(url, contentType: upload.contentType, size: upload.size, at: time)
    }
}
