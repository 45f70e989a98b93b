from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0003_let_customers_rest"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="contactmoment",
            index=models.Index(fields=["person", "-at"], name="contact_moment_person"),
        ),
        migrations.AddIndex(
            model_name="contactmoment",
            index=models.Index(
                condition=models.Q(("again_on__isnull", False)),
                fields=["person", "again_on"],
                name="contact_moment_again",
            ),
        ),
    ]
