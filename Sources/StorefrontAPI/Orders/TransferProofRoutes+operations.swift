import HTTPServing
import JSON
import OrderServices
import Orders
import Pictures

extension TransferProofRoutes {
    private static let tag = "Public orders"
    private static let types = PictureFormat.allCases.map(\.contentType)

    static let announce = Operation(
        .post, PublicOrderRoutes.path + "/transfer-proof-upload", "announceTransferProof", tag: tag,
        "Announce a picture that shows the payment",
        "A JPEG, PNG or WebP picture of up to 10 MB. Send it to upload_url with PUT within 15 minutes, then give file_url as the order's transferproof_url. The file's name is kept for show only.",
        parameters: PublicOrderRoutes.parameters, body: "TransferProofAnnouncement",
        answers: [.init(200, "Where to send it, and where it will be", "TransferProofUpload")], errors: [401], isCrossOrigin: true
    )

    static let send = Operation(
        .put, StorefrontAPI.store + "/public/uploads/{token}", "sendTransferProof", tag: tag, "Send a picture that was announced",
        "The file itself. It is kept once, without what it says besides its pixels; one that is refused may be sent again. Each address is that of an announcement.",
        parameters: [Parameter("token", in: .path, "The last part of upload_url.")], bodyTypes: types,
        bodyLimit: Int(TransferProofs.maximumSize), answers: [.init(200, "It is kept")], errors: [404, 409], isCrossOrigin: true)

    static let file = Operation(
        .get, StorefrontAPI.store + "/public/files/{key}", "getTransferProofFile", tag: tag, "Get a picture",
        "Whoever has its address may see it, and nobody guesses one. It never changes.",
        parameters: [Parameter("key", in: .path, "The last part of file_url.")],
        answers: [.init(200, "The picture", content: ("image/*", .inline([:])))], errors: [404], isConditional: true,
        isCrossOrigin: true)

    static let ofPublic = Operation(
        .get, PublicOrderRoutes.path + "/transfer-proof", "getPublicOrderTransferProof", tag: tag,
        "Get what became of a proof of transfer",
        "Whether the merchant has accepted or rejected it, and why. All is null as long as there is none.",
        parameters: PublicOrderRoutes.parameters, answers: [.init(200, "The proof", "TransferProof")], errors: [401],
        isCrossOrigin: true)

    static let ofBuyer = Operation(
        .get, StorefrontOrders.orderPath + "/transfer-proof", "getCustomerOrderTransferProof", tag: "Orders",
        "Get what became of the proof of transfer of one of your orders",
        "Whether the merchant has accepted or rejected it, and why. All is null as long as there is none.",
        parameters: [StorefrontOrders.id], answers: [.init(200, "The proof", "TransferProof")], errors: [404],
        isCrossOrigin: true)

    static var schemas: [(name: String, schema: JSON)] {
        let type: JSON = ["enum": .array(types.map { .string($0) })]
        let url: JSON = ["type": "string", "format": "uri"]
        return [
            (
                "TransferProofAnnouncement",
                .openObject(
                    "A picture that is about to be sent.",
                    [
                        ("filename", ["type": "string", "minLength": 1, "maxLength": 255]), ("content_type", type),
                        (
                            "content_length",
                            ["type": "integer", "minimum": 1, "maximum": .number(String(TransferProofs.maximumSize))]
                        ),
                    ])
            ),
            (
                "TransferProofUpload",
                .closedObject(
                    "Where a picture is to be sent, and where it will be.",
                    [
                        ("key", .text), ("filename", .text), ("content_type", type),
                        ("size_in_bytes", ["type": "integer", "minimum": 1]), ("file_url", url), ("upload_url", url),
                    ])
            ),
            ("TransferProof", TransferProof.schema),
        ]
    }
}
