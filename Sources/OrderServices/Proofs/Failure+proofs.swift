package import Orders
import Pictures

extension Failure {
    /// There is no such file. All that does not lead to one gets this answer.
    package static let fileNotFound = Failure(.notFound, "file_not_found", "File not found")

    /// Nobody may send a file there: not any more, or never.
    package static let uploadNotFound = Failure(
        .notFound, "upload_not_found", "Nothing can be sent to this address, or not any more: ask for a new one")

    /// Somebody else is sending the same file.
    static let uploadInProgress = Failure(.stateConflict, "upload_in_progress", "This file is being sent at this moment")

    static func tooManyUploads(limit: Int) -> Failure {
        Failure(.conflict, "too_many_uploads", "\(limit) pictures were sent for this order: no more are taken")
    }

    package static func uploadTooLarge(limit: Int64) -> Failure {
        Failure(.tooLarge, "body_too_large", "The body of the request is larger than the \(limit) bytes that were announced")
    }

    static func uploadTooShort(expected: Int64) -> Failure {
        Failure(.unreadable, "unreadable_body", "The body of the request has less than the \(expected) bytes that were announced")
    }

    /// What was sent is not taken as a picture.
    static func notAPicture(_ reason: String) -> Failure { Failure(.unreadable, "invalid_picture", "The file \(reason)") }

    /// The order has no proof of transfer to decide about.
    package static let noTransferProof = Failure(
        .stateConflict, "no_transfer_proof", "Nothing was sent that could be accepted or rejected")
}

extension PictureRefusal {
    /// What is wrong with the file, for who has sent it.
    var words: String {
        switch self {
        case .otherFormat: "is no JPEG, PNG or WebP picture"
        case .damaged: "is damaged: it can't be shown as a picture"
        case .tooLarge:
            "has too many pixels: up to \(Picture.maximumPixels / 1_000_000) million are taken, and up to \(Picture.maximumSide) on a side"
        case .animated: "is an animation, and not one picture"
        }
    }
}
