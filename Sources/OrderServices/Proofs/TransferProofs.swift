package import Accounts
package import JSON
package import Logging
package import Orders
package import Pictures

/// The pictures with which buyers show that they have paid: announced, sent, kept, looked at and removed.
package struct TransferProofs: Sendable {
    /// The maximum size of a file, in bytes.
    package static let maximumSize: Int64 = 10 << 20
    /// How many pictures an order may have, and be about to have.
    private static let perOrder = 20
    /// How long keeping a file may take, in seconds: longer than any storage tries.
    private static let timeToKeep: Int64 = 120

    private let storage: any OrderStorage
    private let uploads: any ProofStorage
    private let files: any FileStorage
    private let publicOrders: PublicOrders
    private let orders: MerchantOrders
    private let check = PictureCheck()
    private let logger: Logger

    /// - Parameters:
    ///   - publicURL: as that of ``MerchantOrders``.
    ///   - logger: told when files can't be kept or had.
    package init(
        storage: any OrderStorage, uploads: any ProofStorage, files: any FileStorage, publicOrders: PublicOrders,
        publicURL: PublicURL?, logger: Logger
    ) {
        self.storage = storage
        self.uploads = uploads
        self.files = files
        self.publicOrders = publicOrders
        self.logger = logger
        orders = MerchantOrders(storage: storage, publicURL: publicURL)
    }

    /// Lets somebody who has the link of an order send a picture.
    /// - Throws: ``Failure/publicOrderNotFound``, ``Failure/orderNotPayable``, `too_many_uploads`; ``StorageFailure``.
    package func announce(
        _ filename: String, _ format: PictureFormat, size: Int64, for slug: String, in storeID: StoreID
    ) async throws -> UploadToken {
        let now = Timestamp.now
        let order = try await publicOrders.payable(slug, in: storeID, at: now)
        let token = UploadToken()
        let upload = ProofUpload(
            token.key, of: order.id, in: storeID, contentType: format.contentType, filename: filename, announcedSize: size,
            announcedAt: now, expiresAt: now.adding(seconds: ProofUpload.timeToSend))
        guard try await uploads.announce(upload, limit: Self.perOrder) else {
            throw Failure.tooManyUploads(limit: Self.perOrder)
        }
        return token
    }

    /// Takes the file that was announced, and keeps the picture that it is.
    /// - Parameter receive: receives the file, which has to be of the size that it is given.
    /// - Throws: ``Failure/uploadNotFound``, `upload_in_progress`, `invalid_picture`, ``Failure/unavailable``; ``StorageFailure``; what `receive`
    ///   throws.
    package func send(_ token: UploadToken, in storeID: StoreID, _ receive: (_ size: Int64) async throws -> [UInt8]) async throws
    {
        guard let upload = try await uploads.upload(token.key, in: storeID, at: .now), upload.size == nil else {
            throw Failure.uploadNotFound
        }
        try await check.receiving(oneOf: OrderKey(storeID: storeID, id: upload.orderID)) {
            let picture = try await picture(of: upload, try await receive(upload.announcedSize))
            try await keep(picture, of: upload)
        }
    }

    private func picture(of upload: ProofUpload, _ file: [UInt8]) async throws -> Picture {
        guard file.count == Int(upload.announcedSize) else { throw Failure.uploadTooShort(expected: upload.announcedSize) }
        switch await check.picture(file) {
        case .failure(let refusal): throw Failure.notAPicture(refusal.words)
        case .success(let picture):
            guard picture.format.contentType == upload.contentType else {
                throw Failure.notAPicture("is \(picture.format.contentType), and \(upload.contentType) was announced")
            }
            return picture
        }
    }

    private func keep(_ picture: Picture, of upload: ProofUpload) async throws {
        let now = Timestamp.now
        let (key, storeID) = (upload.key, upload.storeID)
        guard
            try await uploads.claimUpload(key, in: storeID, until: now.adding(seconds: Self.timeToKeep), at: now)
        else {
            let isThere = try await uploads.upload(key, in: storeID, at: now).map { $0.size == nil } ?? false
            throw isThere ? Failure.uploadInProgress : Failure.uploadNotFound
        }
        let name = FileName(key, in: storeID)
        do {
            try await files.put(picture.bytes, as: name, contentType: upload.contentType)
        } catch {
            try? await uploads.releaseUpload(key, in: storeID)
            throw unavailable(error)
        }
        let kept = try await uploads.keepUpload(
            key, in: storeID, size: Int64(picture.bytes.count), until: .now.adding(seconds: ProofUpload.timeToUse), at: .now)
        guard kept else {
            // Its order was forgotten, or its time has come, while it was kept.
            try await files.delete(name)
            throw Failure.uploadNotFound
        }
    }

    /// A picture that was kept.
    /// - Throws: ``Failure/fileNotFound``, ``Failure/unavailable``; ``StorageFailure``.
    package func file(_ key: FileKey, in storeID: StoreID) async throws -> (format: PictureFormat, parts: FileParts) {
        guard let upload = try await uploads.upload(key, in: storeID, at: .now), upload.size != nil,
            let format = PictureFormat(rawValue: upload.contentType)
        else { throw Failure.fileNotFound }
        let parts: FileParts?
        do throws(FileStorageFailure) { parts = try await files.get(FileName(key, in: storeID)) } catch {
            throw unavailable(error)
        }
        guard let parts else { throw Failure.fileNotFound }
        return (format, parts)
    }

    /// What is answered when files can't be kept or had.
    private func unavailable(_ failure: FileStorageFailure) -> Failure {
        logger.error("could not use the storage of files", metadata: ["reason": .string("\(failure)")])
        return .unavailable
    }

    /// The proof of a buyer's order, in the form of ``TransferProof/json(of:)``.
    /// - Throws: ``Failure/orderNotFound``; ``StorageFailure``.
    package func proof(of reference: OrderReference, for buyer: Buyer) async throws -> JSON {
        TransferProof.json(of: try await storage.currentOrder(reference, of: buyer).json)
    }

    /// The same by the order's link.
    /// - Throws: ``Failure/publicOrderNotFound``; ``StorageFailure``.
    package func proof(ofPublic slug: String, in storeID: StoreID) async throws -> JSON {
        TransferProof.json(of: try await publicOrders.current(slug, in: storeID, at: .now).json)
    }

    /// Accepts or rejects an order's proof, or takes that back. What it was decided to be already, for the same reason, it stays.
    /// - Parameter reason: why it is rejected.
    /// - Throws: ``Failure/orderNotFound``, ``Failure/noTransferProof``, ``Failure/orderChanged``; ``MerchantRequest/AnsweredBefore``;
    ///   ``StorageFailure``.
    package func decide(
        _ state: TransferProof.State, reason: String?, on name: OrderName, for request: MerchantRequest
    ) async throws -> MerchantOrderView {
        try await orders.ofOne {
            try await orders.change([name], for: request) { order, time in
                let before = try order.json
                guard let proof = TransferProof(of: before) else { throw Failure.noTransferProof }
                if proof.state == state, proof.reason == reason { return .unchanged }
                let decided = proof.decided(state, reason: reason, at: time)
                return .changed(before.replacing([(TransferProof.field, decided.stored)]).touched(at: time))
            }[0]
        }
    }

    /// Removes a few pictures that no order has got in time, or whose customer was forgotten.
    /// - Returns: whether there are more.
    /// - Throws: ``FileStorageFailure``, ``StorageFailure``.
    package func removeExpired() async throws -> Bool {
        let atOnce = 20
        let expired = try await uploads.expiredUploads(at: .now, limit: atOnce)
        for upload in expired {
            try await files.delete(FileName(upload.key, in: upload.storeID))
            try await uploads.removeUpload(upload.key, in: upload.storeID)
        }
        return expired.count == atOnce
    }
}
