using System.Net.Mime;

WebApplicationBuilder builder =
    WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });

// One instance answers all requests, also at the same time. Another model: another <EbspModel> item, and this line.
IEbspModel model = DigitsModel.Load();
ModelDescription description = ModelDescription.Of(model, pixelMaximum: 16);
RunTime time = RunTime.Of(model.Timing, model.Arch);

// Nothing much longer than an image is read; the server counts what frames the chunks of a body too.
const int framing = 1024;
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = description.Input.Bytes + framing);
builder.Services.AddProblemDetails();
WebApplication app = builder.Build();

app.UseExceptionHandler();
app.UseStatusCodePages();
app.Use((context, next) =>
{
    IHeaderDictionary headers = context.Response.Headers;
    headers.ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action " +
            "'none'; frame-ancestors 'none'";
    headers.XContentTypeOptions = "nosniff";
    headers["Referrer-Policy"] = "no-referrer";
    return next(context);
});
app.UseDefaultFiles();
app.UseStaticFiles();

app.MapGet("/model", () => description);

// The body is one image, [channel][row][column], one byte each: what the page's canvas gave.
app.MapPost("/classify", async (HttpRequest request, CancellationToken cancellation) =>
{
    using MemoryStream body = new();
    try
    {
        await request.Body.CopyToAsync(body, cancellation);
    }
    catch (BadHttpRequestException e)
    {
        return Results.Problem($"{e.Message} An image has {description.Input.Bytes} bytes.", statusCode: e.StatusCode);
    }

    if (body.Length != description.Input.Bytes)
    {
        int status = body.Length < description.Input.Bytes ? StatusCodes.Status400BadRequest : StatusCodes.Status413PayloadTooLarge;
        return Results.Problem($"The body has {body.Length} bytes; an image has {description.Input.Bytes}.", statusCode: status);
    }

    float[] scores = await model.RunAsync(body.ToArray(), cancellation);
    return Results.Ok(Answer.Of(scores, model.Labels, time));
}).Accepts<byte[]>(MediaTypeNames.Application.Octet);

app.Run();
