import Mustache

extension DocsPage {
    static let template: MustacheTemplate = {
        do { return try MustacheTemplate(string: text) } catch { preconditionFailure("the page is a template: \(error)") }
    }()

    private static let text = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{{title}}</title>
        <style>\(style)</style>
        </head>
        <body>
        <main>
        <h1>{{title}}</h1>
        <p>{{description}}</p>
        <p>For programs: <a href="{{document}}">openapi.json</a></p>
        <h2>Routes</h2>
        {{#operations}}
        <section>
        <h3>{{#methods}}<b>{{.}}</b> {{/methods}}<code>{{path}}</code></h3>
        <p>{{summary}}</p>
        {{#description}}
        <p>{{description}}</p>
        {{/description}}
        {{#needs}}
        <p>Credential: {{needs}}</p>
        {{/needs}}
        {{^empty(parameters)}}
        <div class="table"><table><thead><tr><th scope="col">Parameter</th><th scope="col">In</th><th scope="col">Type</th><th scope="col"></th></tr></thead><tbody>
        {{#parameters}}
        <tr><td><code>{{name}}</code></td><td>{{place}}</td><td>{{#type}}\(type){{/type}}</td><td>{{description}}</td></tr>
        {{/parameters}}
        </tbody></table></div>
        {{/empty(parameters)}}
        {{#body}}
        <p>Body: \(type)</p>
        {{/body}}
        <div class="table"><table><thead><tr><th scope="col">Status</th><th scope="col"></th><th scope="col">Body</th></tr></thead><tbody>
        {{#responses}}
        <tr><td><code>{{status}}</code></td><td>{{description}}</td><td>{{#contents}}{{media}} {{#type}}\(type){{/type}}{{/contents}}</td></tr>
        {{/responses}}
        </tbody></table></div>
        </section>
        {{/operations}}
        <h2>Schemas</h2>
        {{#schemas}}
        <section id="{{name}}">
        <h3>{{name}}</h3>
        <p>{{description}}</p>
        {{^empty(fields)}}
        <div class="table"><table><thead><tr><th scope="col">Field</th><th scope="col">Type</th></tr></thead><tbody>
        {{#fields}}
        <tr><td><code>{{name}}</code></td><td>{{#type}}\(type){{/type}}</td></tr>
        {{/fields}}
        </tbody></table></div>
        {{/empty(fields)}}
        </section>
        {{/schemas}}
        </main>
        </body>
        </html>

        """

    /// Renders the result of ``type(of:)``.
    private static let type = """
        {{#isList}}list of {{/isList}}{{#link}}<a href="#{{link}}">{{link}}</a>{{/link}}{{#constants}}<code>{{.}}</code> {{/constants}}{{words}}
        """

    private static let style = """
        :root{color-scheme:light dark}
        body{margin:0;font:16px/1.5 system-ui,sans-serif}
        main{max-width:60rem;margin:0 auto;padding:1rem}
        section{border-top:1px solid #8884;padding:.5rem 0}
        h3{overflow-wrap:anywhere}
        h3 b{font-size:.75em;padding:.1em .5em;border:1px solid;border-radius:.3em}
        .table{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-size:.9em;margin:.5rem 0}
        th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #8883}
        """
}
