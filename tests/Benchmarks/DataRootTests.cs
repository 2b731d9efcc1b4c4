namespace KdMtlBench.Tests.Benchmarks;

public sealed class DataRootTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("kdmtl-root-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("/option", "/environment", "/option")]
    [InlineData("/option", null, "/option")]
    [InlineData(null, "/environment", "/environment")]
    [InlineData("", "/environment", "/environment")]
    [InlineData(null, "", null)]
    [InlineData(null, null, null)]
    public void The_option_comes_before_the_environment(string? option, string? environment, string? chosen) =>
        DataRoot.Choose(option, environment).ShouldBe(chosen);

    [Fact]
    public void A_relative_root_is_made_absolute() =>
        DataRoot.Choose("data", null).ShouldBe(Path.Combine(Environment.CurrentDirectory, "data"));

    [Fact]
    public void Files_are_found_under_any_of_their_names()
    {
        Touch("toy/images.gz");
        Touch("toy/labels");

        DataRoot.Locate(_root, Toy()).ShouldBe([In("toy/images.gz"), In("toy/labels")]);
    }

    [Fact]
    public void The_usual_name_comes_first()
    {
        Touch("toy/images.gz", "toy/images", "toy/labels.gz");

        DataRoot.Locate(_root, Toy()).ShouldBe([In("toy/images.gz"), In("toy/labels.gz")]);
    }

    [Fact]
    public void The_users_folder_comes_before_a_packages_folder()
    {
        Touch("toy/images", "toy/labels", "package/images", "package/labels");

        DataRoot.Locate(_root, Toy(In("package"))).ShouldBe([In("toy/images"), In("toy/labels")]);
        DataRoot.Locate(null, Toy(In("package"))).ShouldBe([In("package/images"), In("package/labels")]);
    }

    [Fact]
    public void Files_of_two_folders_are_not_mixed()
    {
        Touch("toy/images", "package/images", "package/labels");

        DataRoot.Locate(_root, Toy(In("package"))).ShouldBe([In("package/images"), In("package/labels")]);
    }

    [Fact]
    public void What_is_missing_is_listed_with_where_to_get_it_and_where_to_put_it()
    {
        Touch("toy/images");

        Missing(_root, Toy(In("package"))).ShouldBe(
            $"the data set Toy is missing (searched {In("toy")}: without labels.gz and {In("package")}: no such folder); "
            + $"get both files from https://toy.example/, and put them into {In("toy")}");
    }

    [Fact]
    public void Without_a_data_root_the_message_says_how_to_name_one() =>
        Missing(null, Toy()).ShouldBe("the data set Toy is missing (no data root was named); get both files from https://toy.example/, "
            + "and put them into DIR/toy, where DIR is named by --data DIR or the environment variable KDMTL_DATA");

    private static string Missing(string? root, DataSet dataSet) =>
        Should.Throw<InputException>(() => DataRoot.Locate(root, dataSet)).Message;

    private static DataSet Toy(params string[] systemFolders) =>
        new("toy", "Toy", "both files from https://toy.example/", [["images.gz", "images"], ["labels.gz", "labels"]])
        {
            SystemFolders = systemFolders,
        };

    private string In(string path) => Path.Combine(_root, path);

    private void Touch(params string[] paths)
    {
        foreach (var path in paths)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(In(path))!);
            File.WriteAllText(In(path), "");
        }
    }
}
