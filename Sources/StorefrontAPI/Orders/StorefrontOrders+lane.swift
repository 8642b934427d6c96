import Accounts
import HTTPServing
import OrderServices
import Orders

extension StorefrontOrders {
    /// Answers a request for an order without the router, if the token was verified before and the order exists or the storage
    /// fails. Everything else, including all other errors, takes the ordinary route.
    func answerDirectly(
        _ request: DirectRequest, receive: @escaping @Sendable (DirectAnswer?) -> Void
    ) -> Bool {
        guard let (storeID, id) = Self.parts(ofOrderPath: request.target), let token = request.authorization?.bearerToken,
            let buyer = access.tokens.rememberedBuyer(presenting: token), buyer.storeID.text == storeID,
            let reference = OrderReference(id)
        else { return false }
        // If the limit is exceeded, the ordinary route answers.
        let allowance = access.limits.customer?.spend(by: buyer.customerID.description, in: buyer.storeID)
        if allowance?.isRefused ?? false { return false }
        let origin = request.origin.flatMap { access.watch.directory.allows($0, for: buyer.storeID) ? $0 : nil }
        let isKnown = IfNoneMatch(request.ifNoneMatch)?.isKnown
        orders.readOrder(reference, of: buyer, isKnown: isKnown) { [limit = access.limits.customer] answer in
            var fields = HeaderLines(capacity: 384)
            allowance?.appendFields(to: &fields)
            // What a browser needs to pass the answer to a page of one of the store's origins.
            if let origin {
                fields.append("Access-Control-Allow-Origin", origin)
                fields.append("Access-Control-Expose-Headers", CrossOrigin.answerFields)
            }
            switch answer {
            case .success(nil), .failure(.damagedDocument):
                // The ordinary route counts the request.
                limit?.giveBack(to: buyer.customerID.description, in: buyer.storeID)
                receive(nil)
            case .success(let answer?):
                answer.appendFields(to: &fields, isDirect: true)
                receive(DirectAnswer(fields: fields, body: answer.body, route: Self.orderPath))
            case .failure(let failure):
                fields.append("Vary", "Origin")
                receive(DirectAnswer(failure, route: Self.orderPath, fields: fields))
            }
        }
        return true
    }

    /// The store and id of an order's path; `nil` if anything about it is unusual.
    static func parts(ofOrderPath path: String) -> (storeID: String, id: String)? {
        let (opening, middle) = ("/v3/stores/", "/customers/me/orders/")
        var path = path
        return path.withUTF8 { utf8 in
            let bytes = UnsafeRawBufferPointer(utf8)
            guard bytes.starts(with: opening.utf8) else { return nil }
            let storeStart = opening.utf8.count
            guard let storeEnd = bytes[storeStart...].firstIndex(of: UInt8(ascii: "/")),
                bytes[storeEnd...].starts(with: middle.utf8)
            else { return nil }
            let id = bytes[(storeEnd + middle.utf8.count)...]
            guard !id.contains(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "%") }) else {
                return nil
            }
            return (String(decoding: bytes[storeStart..<storeEnd], as: UTF8.self), String(decoding: id, as: UTF8.self))
        }
    }
}
